/** No name of an image begins so, and no path. */
const REGISTRY = 'registry://';

/** How the image of a registry is named where others are named by their id or path. */
export function registryName(reference: string): string {
  return `${REGISTRY}${reference}`;
}

/** The reference of an image of a registry; undefined for what {@link registryName} did not make. */
export function registryReference(name: string): string | undefined {
  return name.startsWith(REGISTRY) ? name.slice(REGISTRY.length) : undefined;
}
