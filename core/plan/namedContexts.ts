import { normalizeReference } from './reference';

/** What a name given by `--build-context` stands for. */
export type NamedContext =
  | { readonly kind: 'image'; readonly reference: string }
  /** A folder, repository, archive or image layout: what it held at earlier builds is not recorded. */
  | { readonly kind: 'content'; readonly name: string };

/**
 * Finds what replaces the images and stages of a name (frontend/dockerui/namedcontext.go). Names are compared as image
 * names are: `app` is `docker.io/library/app:latest`.
 */
export class NamedContexts {
  private readonly byName = new Map<string, NamedContext>();

  constructor(contexts: ReadonlyMap<string, string>) {
    for (const [name, value] of contexts) {
      const key = normalizeReference(name);
      if (key !== undefined) this.byName.set(key, parseContext(name, value));
    }
  }

  find(name: string): NamedContext | undefined {
    // these two cannot be replaced
    if (this.byName.size === 0 || /^(?:scratch|context)$/i.test(name)) return undefined;
    const key = normalizeReference(name);
    return key === undefined ? undefined : this.byName.get(key);
  }
}

function parseContext(name: string, value: string): NamedContext {
  const image = /^docker-image:\/\/(.+)$/.exec(value);
  const reference = image === null ? undefined : normalizeReference(image[1] ?? '');
  return reference === undefined ? { kind: 'content', name } : { kind: 'image', reference };
}
