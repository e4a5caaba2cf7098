const NAME = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*';
const HOST = '(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?';
/** A name as `docker build --tag` takes it (distribution's reference grammar, without digests). */
const REFERENCE = new RegExp(`^${HOST}${NAME}(?:/${NAME})*(?::[\\w][\\w.-]{0,127})?$`);

/** The names in what somebody typed, which blanks or commas separate. */
export function tagsIn(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((tag) => tag !== ''))];
}

/** The first of several names that no image can have. */
export function badTag(tags: readonly string[]): string | undefined {
  return tags.find((tag) => tag.length > 255 || !REFERENCE.test(tag));
}

/** The name that an image of a Dockerfile gets if its user does not care: that of its folder. */
export function proposedTag(dockerfile: string): string {
  const parts = dockerfile.split(/[\\/]/);
  const file = parts.at(-1) ?? '';
  const variant =
    /^(?:docker|container)file\.(.+)$/i.exec(file)?.[1] ?? /^(.+)\.(?:docker|container)file$/i.exec(file)?.[1];
  const name = [parts.at(-2) ?? '', variant ?? ''].map(plain).filter((part) => part !== '');
  return `${name.length === 0 ? 'image' : name.join('-')}:latest`;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
