import { ImageError } from '../../core/node/image/openImage';
import type { DiskParts } from './session';

/** The engines themselves. */
export const diskParts: DiskParts = {
  open: () => Promise.reject(new ImageError('No engine can be measured yet.')),
  plan: () => {
    throw new ImageError('Nothing can be planned yet.');
  },
};
