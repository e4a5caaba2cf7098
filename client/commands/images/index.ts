import { Command, InternalCommand, ItemCommand } from '../../contributions';
import { shownRows } from '../../views/images/shown';
import type { Services } from '../services';
import { closeArchive, openArchive } from './archives';
import { copyImageId, copyLayerDigest, copyLayerFilePath } from './copy';
import { filterChanges } from './filter';
import { findInLayers } from './findInLayers';
import { diffLayerFile, openLayerFile, saveLayerFile } from './layerFile';
import { exploreRegistryImage } from './registry';
import { revealLayer, revealMaker } from './reveal';
import { compareImages, compareWithDockerfile, showImageReport } from './texts';

/** What the commands around images do. */
export function imageHandlers(services: Services) {
  const { images } = services;
  return {
    [Command.refreshImages]: () => images.refresh(true),
    [Command.stopReading]: () => images.stop(),
    [Command.cumulativeOn]: () => images.options.set({ cumulative: true }),
    [Command.cumulativeOff]: () => images.options.set({ cumulative: false }),
    [Command.sortBySize]: () => images.options.set({ sortBy: 'size' }),
    [Command.sortByName]: () => images.options.set({ sortBy: 'name' }),
    [Command.filterChanges]: (shown: unknown) => filterChanges(services, shown),
    [Command.openArchive]: (resource: unknown) => openArchive(services, resource),
    [Command.exploreRegistryImage]: (reference: unknown) => exploreRegistryImage(services, reference),
    [Command.showImageReport]: (item: unknown) => showImageReport(services, item),
    [Command.compareImages]: (item: unknown, other: unknown) => compareImages(services, item, other),
    [Command.compareWithDockerfile]: (item: unknown) => compareWithDockerfile(services, item),
    [Command.findInLayers]: (item: unknown, query: unknown) => findInLayers(services, item, query),
    [Command.revealLayer]: (uri: unknown, line: unknown) => revealLayer(services, uri, line),
    [ItemCommand.closeArchive]: (item: unknown) => closeArchive(services, item),
    [ItemCommand.copyImageId]: (item: unknown) => copyImageId(services, item),
    [ItemCommand.copyLayerDigest]: (item: unknown) => copyLayerDigest(services, item),
    [ItemCommand.revealMaker]: (item: unknown) => revealMaker(services, item),
    [ItemCommand.openLayerFile]: (item: unknown) => openLayerFile(services, item),
    [ItemCommand.diffLayerFile]: (item: unknown) => diffLayerFile(services, item),
    [ItemCommand.saveLayerFile]: (item: unknown, where: unknown) => saveLayerFile(services, item, where),
    [ItemCommand.copyLayerFilePath]: (item: unknown) => copyLayerFilePath(services, item),
    [InternalCommand.readAgain]: (key: unknown) => {
      if (typeof key === 'string') images.readAgain(key);
    },
    [InternalCommand.getImageRows]: (key: unknown) => shownRows(images, key),
  };
}
