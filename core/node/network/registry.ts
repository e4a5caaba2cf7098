import { createHash } from 'node:crypto';
import { asObject, asText } from '../../llb/decode';
import { findCredentials, type Credentials } from './credentials';
import { ask, isLoopback, NetworkFailure, partsOf, readBody, type HttpAnswer } from './http';

/** A manifest or an index as a registry has it. */
export interface Manifest {
  /** Of the very bytes. */
  readonly digest: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** What names something in a registry. */
export interface Place {
  /** `docker.io`, `ghcr.io`, `127.0.0.1:5000`. */
  readonly domain: string;
  /** `library/busybox`. */
  readonly path: string;
  /** A tag or a digest. */
  readonly name: string;
}

/** In this order containerd asks (core/remotes/docker/resolver.go): another one may be answered by another manifest. */
const ACCEPT = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  '*/*',
].join(', ');
/** Bytes of a manifest, of a configuration, of a token. */
const MAX_MANIFEST = 8_000_000;
const MAX_CONFIG = 32_000_000;
const MAX_TOKEN = 1_000_000;

/** Takes a normalised reference apart. */
export function placeOf(reference: string): Place {
  const [named = '', digest] = reference.split('@');
  const slash = named.indexOf('/');
  const domain = named.slice(0, slash);
  const path = named.slice(slash + 1);
  const colon = path.lastIndexOf(':');
  return { domain, path: colon < 0 ? path : path.slice(0, colon), name: digest ?? path.slice(colon + 1) };
}

/** Speaks the distribution protocol with registries; reads only. What it learns of access is forgotten with it. */
export class RegistryClient {
  /** Authorization headers by registry and repository. */
  private readonly granted = new Map<string, string>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly signal: AbortSignal,
  ) {}

  /** The digest that a name stands for now; undefined when the registry does not say it without the manifest. */
  async head(place: Place): Promise<string | undefined> {
    const answer = await this.request(place, `manifests/${place.name}`, 'HEAD');
    await answer.body?.cancel();
    this.check(answer, place);
    const digest = answer.headers.get('docker-content-digest') ?? '';
    return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
  }

  /** @throws {NetworkFailure} when there is none, or another one than was asked for. */
  async manifest(place: Place): Promise<Manifest> {
    const answer = await this.request(place, `manifests/${place.name}`, 'GET');
    this.check(answer, place);
    const body = await readBody(answer, MAX_MANIFEST);
    const digest = digestOf(body);
    if (place.name.startsWith('sha256:') && place.name !== digest) {
      throw new NetworkFailure(`${place.domain} sends something else than what was asked for`);
    }
    return { digest, json: parse(body, place) };
  }

  /** Reads a blob of JSON. */
  async blob(place: Place, digest: string): Promise<Readonly<Record<string, unknown>>> {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest))
      throw new NetworkFailure(`${place.domain} names no digest that is known`);
    const answer = await this.request(place, `blobs/${digest}`, 'GET');
    this.check(answer, place);
    const body = await readBody(answer, MAX_CONFIG);
    if (digestOf(body) !== digest) {
      throw new NetworkFailure(`${place.domain} sends something else than what was asked for`);
    }
    return parse(body, place);
  }

  /** A blob as it comes, at most `most` bytes; what it is has to be checked by whoever reads it. */
  async stream(place: Place, digest: string, most: number): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.request(place, `blobs/${digest}`, 'GET');
    this.check(answer, place);
    return partsOf(answer, most);
  }

  private check({ status }: HttpAnswer, { domain, path, name }: Place): void {
    if (status === 200) return;
    if (status === 401 || status === 403) throw new NetworkFailure(`${domain} wants credentials for ${path}`);
    if (status === 404) throw new NotThere(`${domain} has no ${path} ${name}`);
    if (status === 429) throw new NetworkFailure(`${domain} wants fewer questions`);
    throw new NetworkFailure(`${domain} answers ${status}`);
  }

  private async request(place: Place, what: string, method: 'GET' | 'HEAD'): Promise<HttpAnswer> {
    const url = new URL(`${baseOf(place.domain)}/v2/${place.path}/${what}`);
    const key = `${place.domain}/${place.path}`;
    const send = (): Promise<HttpAnswer> => {
      const authorization = this.granted.get(key);
      const headers = { accept: ACCEPT, ...(authorization === undefined ? {} : { authorization }) };
      return ask({ url, method, headers, signal: this.signal });
    };
    const answer = await send();
    if (answer.status !== 401 || answer.url.origin !== url.origin) return answer;
    await answer.body?.cancel();
    const authorization = await this.authorize(place, answer.headers.get('www-authenticate') ?? '');
    if (authorization === undefined) throw new NetworkFailure(`${place.domain} wants credentials for ${place.path}`);
    this.granted.set(key, authorization);
    return send();
  }

  /** What the registry wants to be shown (distribution specification, token authentication). */
  private async authorize(place: Place, challenge: string): Promise<string | undefined> {
    const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/.exec(challenge) ?? [];
    const credentials = await findCredentials(place.domain, this.env, this.signal);
    if (/^basic$/i.test(scheme)) return credentials && basic(credentials);
    if (!/^bearer$/i.test(scheme)) return undefined;
    const parameters = new Map(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const token = await this.token(place, parameters, credentials);
    return `Bearer ${token}`;
  }

  private async token(
    place: Place,
    parameters: ReadonlyMap<string, string>,
    credentials: Credentials | undefined,
  ): Promise<string> {
    const realm = URL.canParse(parameters.get('realm') ?? '') ? new URL(parameters.get('realm') ?? '') : undefined;
    const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && isLoopback(realm.hostname));
    if (realm === undefined || !isSafe) throw new NetworkFailure(`${place.domain} names no safe place for its tokens`);
    const service = parameters.get('service') ?? '';
    const scope = `repository:${place.path}:pull`;
    const answer =
      credentials !== undefined && credentials.identityToken !== ''
        ? await this.exchange(realm, { service, scope, token: credentials.identityToken })
        : await this.fetchToken(realm, { service, scope, credentials });
    if (answer.status === 401 || answer.status === 403) {
      await answer.body?.cancel();
      throw new NetworkFailure(`${place.domain} wants ${credentials === undefined ? '' : 'other '}credentials`);
    }
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new NetworkFailure(`${realm.host} answers ${answer.status}`);
    }
    const json = parse(await readBody(answer, MAX_TOKEN), place);
    const token = asText(json['token']) || asText(json['access_token']);
    if (token === '') throw new NetworkFailure(`${realm.host} gives no token`);
    return token;
  }

  private fetchToken(
    realm: URL,
    { service, scope, credentials }: { service: string; scope: string; credentials: Credentials | undefined },
  ): Promise<HttpAnswer> {
    const url = new URL(realm);
    if (service !== '') url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
    const headers: Record<string, string> = credentials === undefined ? {} : { authorization: basic(credentials) };
    return ask({ url, headers, signal: this.signal });
  }

  private exchange(
    url: URL,
    { service, scope, token }: { service: string; scope: string; token: string },
  ): Promise<HttpAnswer> {
    const fields = { grant_type: 'refresh_token', client_id: 'layer-insight', service, scope, refresh_token: token };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(fields).toString();
    return ask({ url, method: 'POST', headers, body, signal: this.signal });
  }
}

/** The registry answered, and has no such thing. */
export class NotThere extends NetworkFailure {}

function baseOf(domain: string): string {
  if (domain === 'docker.io') return 'https://registry-1.docker.io';
  return `${isLoopback(domain.replace(/:\d+$/, '')) ? 'http' : 'https'}://${domain}`;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function parse(body: Buffer, { domain }: Place): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(body.toString('utf8')));
  } catch {
    throw new NetworkFailure(`${domain} sends what is no JSON`);
  }
}
