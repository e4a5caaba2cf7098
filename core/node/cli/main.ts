import { parseBuildArguments, parseHistoryArguments, parsePredictArguments, UsageError } from './args';
import { runBuildCommand } from './build';
import { runDiff } from './diff';
import { runDisk } from './disk';
import { parseDiskArguments } from './diskArgs';
import { runHistory } from './history';
import { parseDiffArguments, parseLayersArguments } from './imageArgs';
import { runLayers } from './layers';
import { runPredict } from './predict';

const USAGE = `Usage: layer-insight predict [CONTEXT] [options]
       layer-insight build [CONTEXT] [options]
       layer-insight history [CONTEXT] [options]
       layer-insight history --accuracy [CONTEXT]
       layer-insight history explain A B [CONTEXT] [options]
       layer-insight history reproduction BUILD [-o FILE]
       layer-insight layers IMAGE|ARCHIVE|LAYOUT [--files] [--ci] [options]
       layer-insight diff A B [options]
       layer-insight disk [--changes CONTAINER] [options]

predict says for every instruction of a Dockerfile whether its result is cached, and why not.
build predicts, builds with docker or podman as they are set up here, and compares both; its options are the builder's,
and its exit code is the builder's.
history lists the past builds of a Dockerfile, says how often predictions were right, names the first thing in which
two builds (beginnings of their ids, or "now") differ, and writes down a wrong prediction without any contents.
layers lists the layers of an image and the bytes in them that no container sees; IMAGE is one of the engine, ARCHIVE what
docker save or podman save wrote, LAYOUT an OCI layout folder. diff compares two of them.
disk says where the bytes of an engine are, each counted once, and what nothing uses; with --changes what a container
changed against its image.

Options of layers and diff:
      --engine KIND          auto | docker | podman | registry (asks the image's registry, no engine)
      --platform P, --image NAME   which one of an archive or layout that has several
      --files                list the files of each layer (with --json)
      --ci                   check dive's rules: exit code 1 when one fails
      --ci-config FILE       rules file (default: .dive-ci)
      --lowestEfficiency R, --highestWastedBytes N, --highestUserWastedPercent R
      --json

Options of disk:
      --engine KIND          auto | docker | podman
      --changes CONTAINER    what this container added, changed and deleted
      --data-root DIR        where the engine's data is on this machine, if it cannot be found
      --json

Options of predict, build and history (build options as docker spells them):
  -f, --file FILE            Dockerfile (default: CONTEXT/Dockerfile)
      --target STAGE         stage to build
      --build-arg K=V        build argument
      --platform P           target platform
      --no-cache, --no-cache-filter STAGE
      --network MODE, --add-host HOST:IP
      --ulimit L, --shm-size N, --cgroup-parent P
      --secret, --ssh        accepted: their values never decide the cache
      --pull                 the registry decides: what stands on an image may hit
      --ask-network          ask registries, git and web servers what the build would ask
      --build-context N=V    named build contexts
      --cache-from C         a cache of another builder: what rebuilds may hit
      --builder NAME         buildx builder
      --engine KIND          auto | docker | podman | none (options of podman build count with podman)
      --baseline B           engine | git:REF | none
      --exit-code            1 when a step rebuilds or fails, 3 when that cannot be told
      --json                 print the prediction as JSON
`;

/** Runs a command and gives its exit code; whatever fails is told on the error stream. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    return await runVerb(argv);
  } catch (error) {
    process.stderr.write(`layer-insight: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

async function runVerb(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === '--help' || verb === '-h' || rest.includes('--help')) {
    process.stdout.write(USAGE);
    return verb === undefined ? 2 : 0;
  }
  if (verb === 'layers') return runLayers(parseLayersArguments(rest));
  if (verb === 'diff') return runDiff(parseDiffArguments(rest));
  if (verb === 'disk') return runDisk(parseDiskArguments(rest));
  if (verb === 'build') return runBuildCommand(parseBuildArguments(rest, process.env));
  if (verb === 'history') return runHistory(parseHistoryArguments(rest, process.env));
  if (verb !== 'predict') throw new UsageError(`unknown command "${verb}". Try: layer-insight predict --help`);
  return runPredict(parsePredictArguments(rest, process.env));
}

// whoever reads our output may have seen enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
