import { StringDecoder } from 'node:string_decoder';
import type { TextDecoding } from '../../build/buildkit/rawjson';

/** A decoder of the output of one step of BuildKit: a character may be cut between two pieces. */
export function logDecoder(): TextDecoding {
  const decoder = new StringDecoder('utf8');
  return (base64) => decoder.write(Buffer.from(base64, 'base64'));
}
