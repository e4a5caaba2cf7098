import * as vscode from 'vscode';
import { askedDockerfile, attempt, say } from './asked';
import { revealLine } from './revealLine';
import type { Services } from './services';

/** Moves the cursor to the next or previous instruction that is not cached; from the last one to the first. */
export async function goToRebuild(services: Services, direction: 'next' | 'previous'): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  await attempt(services, async () => {
    const status = await services.server.status(asked.uri.toString());
    const lines = status?.rebuilds ?? [];
    const now = asked.editor?.selection.active.line ?? -1;
    const line =
      direction === 'next'
        ? (lines.find((one) => one > now) ?? lines[0])
        : (lines.findLast((one) => one < now) ?? lines.at(-1));
    if (line === undefined) {
      say(vscode.l10n.t('Layer Insight: no predicted rebuild'));
      return;
    }
    await revealLine(asked.uri.toString(), line);
  });
}
