import { Command, InternalCommand } from '../../contributions';
import { shownBuilds } from '../../builds/shown';
import type { Services } from '../services';
import { build, buildAndRun, buildStage, buildToLine, buildWithoutCache, rebuildLast } from './build';
import { editProfile } from './editProfile';
import { showBuildLog, showBuildReport, showStepLog } from './logs';
import { chooseProfile, saveProfile } from './profiles';
import { runBuiltImage } from './runBuiltImage';
import { stopBuild } from './stop';

/** What the commands around builds do. */
export function buildHandlers(services: Services) {
  return {
    [Command.build]: (resource: unknown, tags: unknown) => build(services, resource, tags),
    [Command.buildAndRun]: (resource: unknown, tags: unknown) => buildAndRun(services, resource, tags),
    [Command.buildStage]: (resource: unknown, stage: unknown) => buildStage(services, resource, stage),
    [Command.buildToLine]: (resource: unknown, line: unknown) => buildToLine(services, resource, line),
    [Command.buildWithoutCache]: (resource: unknown, stage: unknown) => buildWithoutCache(services, resource, stage),
    [Command.rebuildLast]: () => rebuildLast(services),
    [Command.stopBuild]: (id: unknown) => stopBuild(services, id),
    [Command.runImage]: (item: unknown, order: unknown) => runBuiltImage(services, item, order),
    [Command.showBuildLog]: (id: unknown) => showBuildLog(services, id),
    [Command.showStepLog]: (id: unknown, line: unknown) => showStepLog(services, id, line),
    [Command.showBuildReport]: (id: unknown) => showBuildReport(services, id),
    [Command.chooseProfile]: (name: unknown) => chooseProfile(services, name),
    [Command.saveProfile]: (name: unknown) => saveProfile(services, name),
    [Command.editProfile]: () => editProfile(services),
    [InternalCommand.getBuilds]: () => shownBuilds(services.builds, services.liveLines),
  };
}
