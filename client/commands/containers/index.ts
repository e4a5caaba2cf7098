import { Command } from '../../contributions';
import type { Services } from '../services';
import { removeContainer, stopContainer } from './endContainer';
import { openPort } from './openPort';
import { shellInContainer, shellInImage, showContainerLog } from './shells';

/** What the commands around containers do; running an image is among those around builds. */
export function containerHandlers(services: Services) {
  return {
    [Command.shellInImage]: (item: unknown) => shellInImage(services, item),
    [Command.showContainerLog]: (item: unknown) => showContainerLog(services, item),
    [Command.shellInContainer]: (item: unknown) => shellInContainer(services, item),
    [Command.stopContainer]: (item: unknown) => stopContainer(services, item),
    [Command.removeContainer]: (item: unknown, isConfirmed: unknown) => removeContainer(services, item, isConfirmed),
    [Command.openPort]: (item: unknown) => openPort(services, item),
  };
}
