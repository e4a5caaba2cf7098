/** Whether a FROM names the image that the builder calls by its whole name, `docker.io/library/busybox:1@sha256:…`. */
export function isSameImage(from: string, wholeName: string): boolean {
  const image = /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(from)?.[1];
  if (image === undefined || image.includes('$')) return false;
  return wholeImageName(image) === withoutDigest(wholeName);
}

/** As distribution/reference normalizes names: registry, `library/` for those without a folder, tag `latest`. */
function wholeImageName(image: string): string {
  const name = withoutDigest(image);
  const [first = '', ...others] = name.split('/');
  const hasRegistry =
    others.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const path = hasRegistry ? name : `docker.io/${others.length === 0 ? `library/${name}` : name}`;
  return /:[^/]*$/.test(path) || image.includes('@') ? path : `${path}:latest`;
}

function withoutDigest(name: string): string {
  return name.replace(/@.*$/, '');
}
