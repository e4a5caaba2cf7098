import { describe, expect, it, vi } from 'vitest';
import type { CancellationToken, LogOutputChannel } from 'vscode';
import { contextOf, imageOf, keyOf, type ImageRow } from '../../../client/views/images/node';
import { ImagesProvider } from '../../../client/views/images/provider';
import type { ImageNode } from '../../../server/protocol';

vi.mock('vscode', () => {
  class EventEmitter {
    private readonly listeners: ((value: unknown) => void)[] = [];
    readonly event = (listener: (value: unknown) => void) => {
      this.listeners.push(listener);
    };
    fire(value?: unknown): void {
      this.listeners.forEach((listener) => listener(value));
    }
    dispose(): void {
      this.listeners.length = 0;
    }
  }
  class CancellationTokenSource {
    readonly token = { isCancellationRequested: false };
    cancel(): void {
      this.token.isCancellationRequested = true;
    }
    dispose(): void {
      // nothing is held
    }
  }
  return { EventEmitter, CancellationTokenSource, l10n: { t: (text: string) => text } };
});

const log = { warn: () => undefined } as unknown as LogOutputChannel;

function node(id: string, more: Partial<ImageNode> = {}): ImageNode {
  const texts = { label: id, description: '', tooltip: '', accessibilityLabel: id };
  return { id, kind: 'layer', hasChildren: true, ...texts, ...more };
}

function row(id: string, pinned?: string): ImageRow {
  return { node: node(id, { kind: 'image', image: `sha256:${id}` }), parent: undefined, pinned };
}

/** A provider whose questions are answered by hand. */
function setUp() {
  const asked: { id: string; token: CancellationToken; answer: (ids: readonly string[]) => void; fail: () => void }[] =
    [];
  const provider = new ImagesProvider(
    (id, token) =>
      new Promise((resolve, reject) => {
        const answer = (ids: readonly string[]) => resolve(ids.map((one) => node(one)));
        asked.push({ id, token, answer, fail: () => reject(new Error('no such image')) });
      }),
    log,
  );
  const changed: (string | undefined)[] = [];
  provider.onDidChangeTreeData((one) => changed.push(one && keyOf(one)));
  const shop = row('shop');
  provider.show([shop]);
  return { provider, asked, changed, shop };
}

const labels = (rows: readonly ImageRow[]) => rows.map((one) => one.node.label);

describe('rows of the Images view', () => {
  it('are asked for once, however often they are wanted, and known afterwards', async () => {
    const { provider, asked, shop } = setUp();
    const [first, second] = [provider.getChildren(shop), provider.getChildren(shop)];
    expect(provider.isReading).toBe(true);
    asked[0]?.answer(['base', 'run']);
    expect(labels(await first)).toEqual(['base', 'run']);
    expect(labels(await second)).toEqual(['base', 'run']);
    expect(labels(await provider.getChildren(shop))).toEqual(['base', 'run']);
    expect(asked).toHaveLength(1);
    expect(provider.isReading).toBe(false);
    expect(provider.find('run')?.parent).toBe(shop);
  });

  it('are asked for anew when the images changed, without ending what is being read', async () => {
    const { provider, asked, changed, shop } = setUp();
    const reading = provider.getChildren(shop);
    const again = row('shop');
    provider.show([again]);
    expect(changed).toEqual([undefined, undefined]);
    const joined = provider.getChildren(again);
    expect(asked).toHaveLength(1);
    asked[0]?.answer(['base']);
    expect(labels(await reading)).toEqual(labels(await joined));
    provider.show([row('shop')]);
    void provider.getChildren(shop);
    expect(asked).toHaveLength(2);
  });

  it('say that their reading was stopped, and are read again when they are wanted', async () => {
    const { provider, asked, changed, shop } = setUp();
    const reading = provider.getChildren(shop);
    provider.stop();
    expect(asked[0]?.token.isCancellationRequested).toBe(true);
    asked[0]?.fail();
    const [notice] = await reading;
    expect(notice?.node).toMatchObject({ kind: 'notice', label: 'Reading was stopped' });
    expect(notice?.readAgain).toBe('shop');
    provider.readAgain('shop');
    expect(changed.at(-1)).toBe('shop');
    void provider.getChildren(shop);
    expect(asked).toHaveLength(2);
  });

  it('go on being read when a hidden view is seen again', async () => {
    const { provider, asked, changed, shop } = setUp();
    const reading = provider.getChildren(shop);
    provider.suspend();
    asked[0]?.fail();
    await reading;
    expect(changed).toEqual([undefined]);
    provider.resume();
    expect(changed).toEqual([undefined, 'shop']);
    provider.resume();
    expect(changed).toHaveLength(2);
  });

  it('say why they could not be read', async () => {
    const { provider, asked, shop } = setUp();
    const reading = provider.getChildren(shop);
    asked[0]?.fail();
    expect((await reading)[0]?.node.label).toBe('no such image');
    expect(provider.isReading).toBe(false);
  });

  it('are told apart when an image is in the list and above it', () => {
    const [listed, pinned] = [row('shop'), row('shop', '/saved.tar')];
    expect(keyOf(listed)).not.toBe(keyOf(pinned));
    expect(contextOf(listed)).toBe('image');
    expect(contextOf(pinned)).toBe('image.pinned');
    expect(imageOf({ node: node('run'), parent: listed, pinned: undefined })).toBe('sha256:shop');
  });

  it('have the menu of what they have', () => {
    const context = (more: Partial<ImageNode>) =>
      contextOf({ node: node('x', more), parent: row('shop'), pinned: 'y' });
    expect(context({ kind: 'layer', maker: { uri: 'file:///Dockerfile', line: 1 } })).toBe('image.layer.made');
    expect(context({ kind: 'file', isOpenable: true })).toBe('image.file.openable');
    expect(context({ kind: 'file', isOpenable: true, olderLayer: 0 })).toBe('image.file.openable.comparable');
    expect(context({ kind: 'file', olderLayer: 0 })).toBe('image.file');
  });
});
