import { inputUses } from '../llb/contentInputs';
import type { FileOp, ExecOp, LlbOp } from '../llb/op';
import { mountsKey, opKey } from '../llb/opKey';
import type { OpFacts, PastStep } from './pastBuild';

/** Text (as UTF-8) or bytes to their SHA-256, as hexadecimal; enters as a function because pure core has no crypto. */
export type Sha256 = (data: string | Uint8Array) => string;

/** A digest too short to find a value by trying, long enough to tell two values of one variable apart. */
export function shortDigest(sha256: Sha256, value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 8);
}

/** The parts of an operation by digest, for naming what differs between two builds. */
export function factsOf(op: LlbOp, sha256: Sha256): OpFacts {
  if (op.kind === 'exec') return execFacts(op, sha256);
  if (op.kind === 'file') return { parts: fileParts(op, sha256), env: [] };
  return { parts: {}, env: [] };
}

/** What follows of a past step from its operation alone. */
export function operationParts(
  op: LlbOp,
  inputCount: number,
  sha256: Sha256,
): Pick<PastStep, 'kind' | 'opDigest' | 'uses' | 'facts'> {
  return {
    kind: op.kind,
    opDigest: sha256(opKey(op)),
    uses: inputUses(op, inputCount),
    facts: factsOf(op, sha256),
  };
}

/** Begins the names of the parts that stand for one mount each; its number follows, as a target may hold a value. */
export const MOUNT_PART = 'mount ';

function execFacts(op: ExecOp, sha256: Sha256): OpFacts {
  const parts: Record<string, string> = {
    args: shortDigest(sha256, op.args),
    cwd: shortDigest(sha256, op.cwd),
    user: shortDigest(sha256, op.user),
    network: shortDigest(sha256, op.network),
    mounts: shortDigest(sha256, mountsKey(op.mounts)),
    hosts: shortDigest(sha256, op.extraHosts),
    platform: shortDigest(sha256, op.platform),
    ulimits: shortDigest(sha256, op.ulimits),
    cgroup: shortDigest(sha256, op.cgroupParent),
    security: shortDigest(sha256, op.security),
    devices: shortDigest(sha256, op.devices),
    hostname: shortDigest(sha256, op.hostname),
    secretEnv: shortDigest(sha256, op.secretEnv),
  };
  // behind `mounts`, which decides: these only tell which one it is
  const added = op.mounts.filter(({ dest }) => dest !== '/');
  for (const [index, mount] of added.entries()) {
    parts[`${MOUNT_PART}${index + 1}`] = shortDigest(sha256, mountsKey([mount]));
  }
  const env = op.env.map((variable): [string, string] => {
    const equals = variable.indexOf('=');
    return [variable.slice(0, equals), shortDigest(sha256, variable.slice(equals + 1))];
  });
  return { parts, env };
}

function fileParts(op: FileOp, sha256: Sha256): Record<string, string> {
  const copies = op.actions.map(({ action }) => action).filter((action) => action.kind === 'copy');
  if (copies.length === 0) return { path: shortDigest(sha256, op.actions) };
  return {
    sources: shortDigest(
      sha256,
      copies.map((copy) => copy.src.slice(copy.src.lastIndexOf('/') + 1)),
    ),
    destination: shortDigest(
      sha256,
      copies.map((copy) => copy.dest),
    ),
    owner: shortDigest(
      sha256,
      copies.map((copy) => copy.owner),
    ),
    mode: shortDigest(
      sha256,
      copies.map((copy) => [copy.mode, copy.modeText]),
    ),
    exclude: shortDigest(
      sha256,
      copies.map((copy) => copy.exclude),
    ),
  };
}
