const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::[0-9]+)?$/i;
/** What looks like the id of an image is no name. */
const IDENTIFIER = /^[a-f0-9]{64}$/;
const MAX_PATH = 255;

/**
 * The full form of an image name, as docker resolves it: `busybox` is `docker.io/library/busybox:latest`.
 * Undefined when it is not a valid reference.
 */
export function normalizeReference(text: string): string | undefined {
  if (IDENTIFIER.test(text)) return undefined;
  const at = text.indexOf('@');
  const digest = at < 0 ? '' : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  if (at >= 0 && !DIGEST.test(digest)) return undefined;

  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  let domain = isDomain ? first : 'docker.io';
  let path = isDomain ? named.slice(slash + 1) : named;
  if (domain === 'index.docker.io') domain = 'docker.io';

  const colon = path.lastIndexOf(':');
  const tag = colon < 0 ? '' : path.slice(colon + 1);
  if (colon >= 0) path = path.slice(0, colon);
  if (domain === 'docker.io' && !path.includes('/')) path = `library/${path}`;
  if (path.length > MAX_PATH || !NAME.test(path) || (colon >= 0 && !TAG.test(tag))) return undefined;
  if (!DOMAIN.test(domain)) return undefined;

  const tagged = tag === '' ? (digest === '' ? ':latest' : '') : `:${tag}`;
  return `${domain}/${path}${tagged}${digest === '' ? '' : `@${digest}`}`;
}

/** The name alone. */
export function withoutDigest(reference: string): string {
  const at = reference.indexOf('@');
  return at < 0 ? reference : reference.slice(0, at);
}
