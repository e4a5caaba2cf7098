import { describe, expect, it, vi } from 'vitest';
import type { Wanted } from '../../../core/evidence/remotes';
import type { EvidenceResult } from '../../../core/node/engines/loadEvidence';
import { NetworkSession } from '../../../server/network';
import { Engine } from '../support/evidence';
import { Content, serve } from '../node/network/servers';

const RESULT: EvidenceResult = {
  kind: 'evidence',
  evidence: new Engine().evidence({}),
  settled: true,
  network: { isHere: true, mirrorsHub: false, buildkit: '0.25.2' },
};
const nothing = () => undefined;

async function registry() {
  const content = new Content();
  content.image({}, '1');
  const server = await serve((request, response) => content.answer(request, response));
  const images = [{ reference: `${server.host}/a:1`, platform: 'linux/amd64' }];
  const wanted: Wanted = { images, commits: [], files: [] };
  return { server, wanted: () => wanted };
}

describe('the network, for all open Dockerfiles', () => {
  it('is asked once for what several want', async () => {
    const { server, wanted } = await registry();
    const session = new NetworkSession({}, nothing);
    const news = await Promise.all([session.ask(wanted, RESULT, false), session.ask(wanted, RESULT, false)]);
    session.dispose();
    expect(news).toEqual([true, false]);
    expect(server.requests.length).toBe(3);
  });

  it('is not asked without an engine, nor after the end', async () => {
    const { server, wanted } = await registry();
    const session = new NetworkSession({}, nothing);
    const builder = { kind: 'none', name: '', engineVersion: null, buildkitVersion: null } as const;
    const none: EvidenceResult = { kind: 'none', failure: { code: 'not-found', message: '' }, builder };
    expect(await session.ask(wanted, none, false)).toBe(false);
    session.dispose();
    expect(await session.ask(wanted, RESULT, false)).toBe(false);
    expect(server.requests).toEqual([]);
  });

  it('is due again after ten minutes, and when somebody looks', () => {
    vi.useFakeTimers();
    try {
      const due = vi.fn();
      const session = new NetworkSession({}, due);
      vi.advanceTimersByTime(540_000);
      expect(due).toHaveBeenCalledTimes(0);
      vi.advanceTimersByTime(60_000);
      expect(due).toHaveBeenCalledTimes(1);
      session.setHidden(true);
      vi.advanceTimersByTime(3_600_000);
      expect(due).toHaveBeenCalledTimes(1);
      session.setHidden(false);
      expect(due).toHaveBeenCalledTimes(2);
      session.dispose();
    } finally {
      vi.useRealTimers();
    }
  });
});
