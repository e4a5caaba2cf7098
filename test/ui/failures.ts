import { afterEach, beforeEach } from 'vitest';
import type { Workbench } from './workbench';

const NOT_TRIED = 'not tried, since this failed';

/** Adds to the message of a test that fails what was on the screen then, and keeps a picture of it. */
export function tellFailures(workbench: () => Workbench | undefined): void {
  afterEach(async ({ task }) => {
    const [error] = task.result?.state === 'fail' ? (task.result.errors ?? []) : [];
    const window = workbench();
    if (error === undefined || window === undefined || error.message.startsWith(NOT_TRIED)) return;
    const screen = await window.onScreen().catch((why: unknown) => `the screen cannot be read: ${String(why)}`);
    error.message += `\n${screen}`;
    error.stack = `${error.message}\n${error.stack ?? ''}`;
    await window.picture(`failed-${task.name.replace(/\W+/g, '-')}`).catch(() => undefined);
  });
}

/** Each test begins where the one before ended: after one that failed the others fail at once, instead of after a wait. */
export function inSequence(): void {
  let failed: string | undefined;
  beforeEach(() => {
    if (failed !== undefined) throw new Error(`${NOT_TRIED}: ${failed}`);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
}
