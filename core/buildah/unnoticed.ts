import { clean } from '../context/goPath';
import type { ContextTree } from '../context/tree';
import type { Problem } from '../model';
import type { BuildahEvidence, BuildahImage } from './imageStore';
import type { BuildahProbe } from './probe';

interface Scope {
  readonly evidence: BuildahEvidence;
  readonly tree: ContextTree | undefined;
}

/**
 * What changed although Buildah will say that it did not: it compares the lines of ENV, LABEL, USER, EXPOSE and WORKDIR as they
 * are written, not what their variables come to, and looks at no file that is mounted without a type.
 */
export function unnoticedByBuildah(line: number, probe: BuildahProbe, image: BuildahImage, scope: Scope): Problem[] {
  const problem = (message: string): Problem => ({ code: 'change-unnoticed', message, line });
  const changed = configChange(probe, image);
  if (changed !== undefined) {
    const remedy = 'Put a RUN that uses the argument before it, or build with --no-cache';
    return [
      problem(`${changed} changed, but Buildah will not notice: it compares the line, not its variables. ${remedy}.`),
    ];
  }
  const mount = probe.blindMounts?.find((path) => isWrittenSince(path, image, scope));
  if (mount === undefined) return [];
  const why = 'it looks at what is mounted only with type=bind';
  return [problem(`${mount} changed, but Buildah will not notice: ${why}. Write --mount=type=bind,source=${mount},….`)];
}

function configChange({ makes }: BuildahProbe, { config }: BuildahImage): string | undefined {
  if (makes === undefined) return undefined;
  const before = new Set(config.env);
  const variable = makes.env.find((one) => !before.has(one));
  if (variable !== undefined) return variable.split('=', 1)[0];
  const label = Object.keys(makes.labels).find((name) => config.labels[name] !== makes.labels[name]);
  if (label !== undefined) return `label ${label}`;
  if (makes.user !== config.user) return 'the user';
  // ranges are kept port by port
  const port = makes.ports.find((one) => !one.includes('-') && !config.ports.includes(one));
  if (port !== undefined) return `port ${port}`;
  return makes.workingDir === config.workingDir ? undefined : 'the working directory';
}

function isWrittenSince(path: string, { created }: BuildahImage, { tree, evidence }: Scope): boolean {
  const node = tree?.node(clean(`/${path}`).slice(1));
  if (tree === undefined || node === undefined) return false;
  const made = Number(created / 1_000_000n) - evidence.clockOffset + evidence.clockMargin;
  for (const one of tree.nodes(node)) if (one.entry?.type === 'file' && one.entry.ctime > made) return true;
  return false;
}
