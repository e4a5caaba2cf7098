import { ImageError } from '../image/openImage';

/** Whatever an id is put into, it must not be more than an id. */
export function requireId(id: string): void {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new ImageError(`"${id}" is no whole id of a container.`);
}
