/** Why nothing could be measured or removed, a sentence for people. */
export class DiskError extends Error {}
