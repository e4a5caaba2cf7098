import { Command, InternalCommand } from '../../contributions';
import { shownDisk } from '../../views/disk/shown';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';

/** What the commands around disk usage do. */
export function diskHandlers({ disk, diskPanel, diskTree }: Services) {
  return {
    [Command.showDisk]: async () => {
      if (isAllowed()) await diskPanel.show();
    },
    [Command.measureDisk]: async () => {
      if (isAllowed()) await disk.measure();
    },
    [Command.stopMeasuring]: () => disk.cancel(),
    [InternalCommand.getDisk]: () => shownDisk(disk, diskTree, diskPanel),
  };
}
