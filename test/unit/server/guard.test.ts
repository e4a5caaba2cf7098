import { expect, it } from 'vitest';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { ImageError } from '../../../core/node/image/openImage';
import { guarded } from '../../../server/guard';

it('answers a request', async () => {
  const log: string[] = [];
  const handle = guarded((message) => log.push(message))('double', (value: number) => value * 2);
  expect(await handle(4)).toBe(8);
  expect(log).toEqual([]);
});

it('makes an error a response and a line in the log with its origin', async () => {
  const log: string[] = [];
  const handle = guarded((line) => log.push(line))('hover', () => {
    throw new Error('broken');
  });
  const answer = await handle(undefined);
  expect(answer).toBeInstanceOf(ResponseError);
  expect(answer).toMatchObject({ message: 'hover: broken' });
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/^hover: Error: broken\n +at /);
});

it('tells the user what is wrong with an image, without the name of the request', async () => {
  const log: string[] = [];
  const handle = guarded((line) => log.push(line))('imageFile', () => {
    throw new ImageError('shop:1 is not on this engine');
  });
  expect(await handle(undefined)).toMatchObject({ message: 'shop:1 is not on this engine' });
  expect(log).toEqual(['imageFile: shop:1 is not on this engine']);
});

it('takes no note of what was cancelled', async () => {
  const log: string[] = [];
  const handle = guarded((line) => log.push(line))('imageReport', () => {
    AbortSignal.abort().throwIfAborted();
  });
  expect(await handle(undefined)).toMatchObject({ code: LSPErrorCodes.RequestCancelled });
  expect(log).toEqual([]);
});
