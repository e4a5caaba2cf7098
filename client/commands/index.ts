import * as vscode from 'vscode';
import { Command, InternalCommand, type CommandId } from '../contributions';
import { DisposableStore } from '../disposables';
import { buildHandlers } from './build';
import { chooseArguments } from './chooseArguments';
import { chooseBaseline } from './chooseBaseline';
import { chooseBuilder } from './chooseBuilder';
import { chooseTarget } from './chooseTarget';
import { containerHandlers } from './containers';
import { diskHandlers } from './disk';
import { explainLine } from './explainLine';
import { explainMiss } from './explainMiss';
import { exploreImage } from './exploreImage';
import { getPrediction } from './getPrediction';
import { goToRebuild } from './goToRebuild';
import { imageHandlers } from './images';
import { openWalkthrough } from './openWalkthrough';
import { pastBuildHandlers } from './pastBuilds';
import { predict } from './predict';
import { refresh } from './refresh';
import { copyReport, showReport } from './report';
import { restartServer } from './restartServer';
import { revealLine } from './revealLine';
import { revealRow } from './revealRow';
import type { Services } from './services';
import { saveReproduction } from './saveReproduction';
import { setChoices } from './setChoices';
import { setHintDensity } from './setHintDensity';
import { showAccuracy } from './showAccuracy';
import { showAdvicePage } from './showAdvicePage';
import { showEditCost } from './showEditCost';
import { showLog } from './showLog';
import { toggleHints } from './toggleHints';

/** Registers every command of the manifest; a missing one does not compile. */
export function registerCommands(services: Services): DisposableStore {
  const handlers: Readonly<Record<CommandId, (...args: readonly unknown[]) => unknown>> = {
    [Command.predict]: (uri) => predict(services, uri),
    [Command.explainLine]: (uri, line) => explainLine(services, uri, line),
    [Command.nextRebuild]: () => goToRebuild(services, 'next'),
    [Command.previousRebuild]: () => goToRebuild(services, 'previous'),
    [Command.refresh]: () => refresh(services),
    [Command.toggleHints]: () => toggleHints(services),
    [Command.setHintDensity]: () => setHintDensity(services),
    [Command.chooseTarget]: () => chooseTarget(services),
    [Command.chooseArguments]: () => chooseArguments(services),
    [Command.chooseBuilder]: () => chooseBuilder(services),
    [Command.chooseBaseline]: () => chooseBaseline(services),
    [Command.showReport]: () => showReport(services),
    [Command.copyReport]: () => copyReport(services),
    [Command.exploreImage]: (item) => exploreImage(services, item),
    [Command.showEditCost]: (resource) => showEditCost(services, resource),
    [Command.explainMiss]: (before, after) => explainMiss(services, before, after),
    [Command.showAccuracy]: () => showAccuracy(services),
    [Command.saveReproduction]: () => saveReproduction(services),
    [Command.openWalkthrough]: () => openWalkthrough(services),
    [Command.restartServer]: () => restartServer(services),
    [Command.showLog]: () => showLog(services),
    ...imageHandlers(services),
    ...diskHandlers(services),
    ...buildHandlers(services),
    ...containerHandlers(services),
    ...pastBuildHandlers(services),
    [InternalCommand.getPrediction]: (uri) => getPrediction(services, uri),
    [InternalCommand.getShown]: () => services.shown(),
    [InternalCommand.choose]: (choices) => setChoices(services, choices),
    [InternalCommand.showAdvicePage]: (code) => showAdvicePage(services, code),
    [InternalCommand.revealLine]: revealLine,
    [InternalCommand.revealRow]: (uri, line) => revealRow(services, uri, line),
  };
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) store.add(vscode.commands.registerCommand(id, handler));
  return store;
}
