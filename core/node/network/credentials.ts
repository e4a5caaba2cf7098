import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { asObject, asText } from '../../llb/decode';
import { NetworkFailure } from './http';

/** What docker would show a registry; never kept beyond the question that it is for, and never logged. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Instead of a password: to be given for an access token. */
  readonly identityToken: string;
}

/** Milliseconds that a credential helper may take. */
const HELPER_TIMEOUT = 10_000;
/** Longest answer of a credential helper. */
const MAX_OUTPUT = 1_000_000;
const HUB = 'https://index.docker.io/v1/';
/** The name of docker's own helpers: part of a file name, so that nothing else may be in it. */
const HELPER = /^[\w.-]+$/;

/**
 * What docker's configuration has for a registry (cli/config/configfile): its helper, the common one, or the file
 * itself. Undefined when it has nothing.
 *
 * @throws {NetworkFailure} when a helper does not answer.
 */
export async function findCredentials(
  registry: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const config = await readConfig(env);
  const names = registry === 'docker.io' ? [HUB] : [registry, `https://${registry}`, `https://${registry}/`];
  const helpers = asObject(config['credHelpers']);
  const own = names.map((name) => asText(helpers[name])).find((name) => name !== '');
  const helper = own ?? asText(config['credsStore']);
  if (helper !== '') {
    const found = await askHelper(helper, names[0] ?? registry, env, signal);
    if (found !== undefined || own !== undefined) return found;
  }
  const auths = asObject(config['auths']);
  for (const name of names) {
    const found = fromEntry(asObject(auths[name]));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readConfig(env: NodeJS.ProcessEnv): Promise<Readonly<Record<string, unknown>>> {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  try {
    return asObject(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
  } catch {
    return {}; // without a configuration docker asks without a name, too
  }
}

function fromEntry(entry: Readonly<Record<string, unknown>>): Credentials | undefined {
  const decoded = Buffer.from(asText(entry['auth']), 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? asText(entry['username']) : decoded.slice(0, colon);
  const password = colon < 0 ? asText(entry['password']) : decoded.slice(colon + 1);
  const identityToken = asText(entry['identitytoken']);
  return username === '' && identityToken === '' ? undefined : { username, password, identityToken };
}

/** Asks `docker-credential-NAME get`; undefined when it has nothing for the registry. */
async function askHelper(
  name: string,
  registry: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  if (!HELPER.test(name)) throw new NetworkFailure('the credential helper of docker has no valid name');
  const output = await runHelper(`docker-credential-${name}`, registry, env, signal);
  if (output === undefined) return undefined;
  let answer: Readonly<Record<string, unknown>>;
  try {
    answer = asObject(JSON.parse(output));
  } catch {
    throw new NetworkFailure(`docker-credential-${name} gave no answer`);
  }
  const [username, secret] = [asText(answer['Username']), asText(answer['Secret'])];
  if (username === '<token>') return { username: '', password: '', identityToken: secret };
  return username === '' ? undefined : { username, password: secret, identityToken: '' };
}

function runHelper(
  program: string,
  input: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(HELPER_TIMEOUT)]);
    // what it says on its error stream may hold secrets: nobody reads it
    const child = spawn(program, ['get'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      signal: patience,
    });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
      if (output.length > MAX_OUTPUT) child.kill('SIGKILL');
    });
    child.on('error', () => reject(new NetworkFailure(`${program} cannot be asked for credentials`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      // the protocol's own words for having none (docker-credential-helpers credentials/error.go)
      else if (/credentials not found/i.test(output)) resolve(undefined);
      else reject(new NetworkFailure(`${program} gave no credentials`));
    });
    child.stdin.on('error', () => undefined); // it may have ended without reading
    child.stdin.end(input);
  });
}
