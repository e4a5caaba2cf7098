const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/**
 * The full form of an image name, as docker resolves it: `busybox` is `docker.io/library/busybox:latest`.
 * Undefined when it is not a valid reference.
 */
export function normalizeReference(text: string): string | undefined {
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
  if (!NAME.test(path) || (colon >= 0 && !TAG.test(tag))) return undefined;

  const tagged = tag === '' ? (digest === '' ? ':latest' : '') : `:${tag}`;
  return `${domain}/${path}${tagged}${digest === '' ? '' : `@${digest}`}`;
}
