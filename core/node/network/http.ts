/** An answer of a server, its body still to be read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Where it came from in the end. */
  readonly url: URL;
}

/** What is asked. */
export interface HttpQuestion {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Milliseconds until its answer has to begin. */
  readonly patience?: number;
}

/** A failure whose message is for people. */
export class NetworkFailure extends Error {}

/** Redirects that are followed. */
const MAX_REDIRECTS = 5;
/** Milliseconds from a question to the head of its answer. */
const HEAD_TIMEOUT = 15_000;
/** Milliseconds without any byte. */
const IDLE_TIMEOUT = 20_000;

/** Is this this very machine? Only it may be asked without encryption where a registry is concerned. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Asks a server. Redirects are followed here, so that what proves who we are never goes to another host, and never from
 * an encrypted connection to an open one.
 *
 * @throws {NetworkFailure} in words for people; the reason of the signal when aborted.
 */
export async function ask(question: HttpQuestion): Promise<HttpAnswer> {
  let { url } = question;
  let headers = { ...question.headers };
  for (let redirects = 0; ; redirects++) {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new NetworkFailure(`${url.protocol} is not asked`);
    if (url.username !== '' || url.password !== '') throw new NetworkFailure('its address holds a password');
    const response = await send(question, url, headers);
    const location = response.headers.get('location');
    const { status, headers: given, body } = response;
    if (location === null || ![301, 302, 303, 307, 308].includes(status)) return { status, headers: given, body, url };
    await response.body?.cancel();
    if (redirects >= MAX_REDIRECTS) throw new NetworkFailure(`${url.host} redirects without end`);
    const next = resolve(location, url);
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new NetworkFailure(`${url.host} redirects to an open connection`);
    }
    if (next.origin !== url.origin) headers = withoutAuthorization(headers);
    url = next;
  }
}

/** Reads a whole body of text. @throws {NetworkFailure} when it has more than `most` bytes, or stops coming. */
export async function readBody(answer: HttpAnswer, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await eachPart(answer, most, (part) => parts.push(part));
  return Buffer.concat(parts);
}

/** Hands a body over as it comes; the rest is not read when there is too much of it. */
export async function eachPart(answer: HttpAnswer, most: number, take: (part: Uint8Array) => void): Promise<number> {
  let bytes = 0;
  for await (const part of partsOf(answer, most)) {
    bytes += part.length;
    take(part);
  }
  return bytes;
}

/**
 * A body as it comes; the rest is not read when nobody wants it.
 *
 * @throws {NetworkFailure} when it has more than `most` bytes, or stops coming.
 */
export async function* partsOf(answer: HttpAnswer, most: number): AsyncGenerator<Uint8Array> {
  const announced = Number(answer.headers.get('content-length') ?? 0);
  const tooLarge = new NetworkFailure(`${answer.url.host} sends more than ${most / 1_000_000} MB`);
  if (announced > most) {
    await answer.body?.cancel();
    throw tooLarge;
  }
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await withinTime(reader.read(), answer.url);
      if (done) return;
      bytes += value.length;
      if (bytes > most) throw tooLarge;
      yield value;
    }
  } catch (error) {
    throw error instanceof NetworkFailure ? error : explained(error, answer.url);
  } finally {
    await reader.cancel().catch(() => undefined); // it may have ended by itself
  }
}

async function send(question: HttpQuestion, url: URL, headers: Readonly<Record<string, string>>): Promise<Response> {
  const { method = 'GET', body, signal, patience = HEAD_TIMEOUT } = question;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), patience);
  try {
    return await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout.signal]),
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, url);
  } finally {
    clearTimeout(timer);
  }
}

async function withinTime<T>(read: Promise<T>, url: URL): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NetworkFailure(`${url.host} stopped answering`)), IDLE_TIMEOUT);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function resolve(location: string, base: URL): URL {
  try {
    return new URL(location, base);
  } catch {
    throw new NetworkFailure(`${base.host} redirects to no address`);
  }
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

/** Why a connection failed, in words: the codes of the system are in the cause. */
function explained(error: unknown, url: URL): NetworkFailure {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  if (name === 'AbortError' || name === 'TimeoutError') return new NetworkFailure(`${url.host} did not answer in time`);
  const code = cause?.code;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new NetworkFailure(`the name ${url.hostname} is not known`);
  return new NetworkFailure(`${url.host} cannot be reached${code === undefined ? '' : ` (${code})`}`);
}
