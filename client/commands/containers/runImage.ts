import * as vscode from 'vscode';
import { say } from '../asked';
import type { Services } from '../services';

/** Asks how an image is to be run, and runs it. */
export function runImage(_services: Services, image: string): Promise<void> {
  say(vscode.l10n.t('{0} is there', image));
  return Promise.resolve();
}
