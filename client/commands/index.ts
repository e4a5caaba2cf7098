import * as vscode from 'vscode';
import { Command, InternalCommand, type CommandId } from '../contributions';
import { DisposableStore } from '../disposables';
import { getPrediction } from './getPrediction';
import { refresh } from './refresh';
import { restartServer } from './restartServer';
import { revealLine } from './revealLine';
import type { Services } from './services';
import { showLog } from './showLog';
import { toggleHints } from './toggleHints';

/** Registers every command of the manifest; a missing one does not compile. */
export function registerCommands(services: Services): DisposableStore {
  const handlers: Readonly<Record<CommandId, (...args: readonly unknown[]) => unknown>> = {
    [Command.refresh]: () => refresh(services),
    [Command.toggleHints]: () => toggleHints(services),
    [Command.restartServer]: () => restartServer(services),
    [Command.showLog]: () => showLog(services),
    [InternalCommand.getPrediction]: (uri) => getPrediction(services, uri),
    [InternalCommand.revealLine]: revealLine,
  };
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) store.add(vscode.commands.registerCommand(id, handler));
  return store;
}
