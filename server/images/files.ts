import type { LayerView } from '../../core/image/layerView';
import { writeContent } from '../../core/node/image/contentSink';
import type { ReadImage } from '../../core/node/image/findImage';
import { ImageError } from '../../core/node/image/openImage';
import type { EntryPlace } from '../../core/image/stackedTree';
import type { ImageFileStat, ImageFolderEntry } from '../protocol';

/** The files of an image after one of its layers. Failures are sentences ({@link ImageError}). */
export class ImageFiles {
  constructor(
    private readonly read: ReadImage,
    private readonly view: LayerView,
  ) {}

  /** What is at a path, links followed; null where there is nothing. */
  stat(path: string): ImageFileStat | null {
    if (path === '') return { type: 'directory', isLink: false, bytes: 0, modified: 0 };
    const file = this.view.find(this.real(path));
    if (file === undefined) return null;
    const { type, isLink, content } = this.typeOf(path, file.type);
    const at = content ?? file.place;
    const entry = at && this.read.analysis.layers[at.layer]?.entries.at(at.index);
    return {
      ...{ type, isLink, modified: (entry?.modified ?? 0) * 1000 },
      bytes: content === undefined ? 0 : (entry?.size ?? 0),
    };
  }

  /** The names in a folder, which may be named by a link. */
  folder(path: string): ImageFolderEntry[] {
    const followed = this.view.follow(path);
    if (followed.kind === 'loop') throw loop(followed.link);
    const folder = followed.kind === 'found' ? followed.path : path;
    return this.view
      .children(folder, true)
      .filter(({ change }) => change !== 'removed')
      .map(({ name, path: own, type }) => {
        const { type: target, isLink } = this.typeOf(own, type);
        return { name, type: target, isLink };
      });
  }

  /** The content of a regular file of at most `limit` bytes. */
  content(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.read.image.content(this.place(path), limit, signal);
  }

  /** Writes a regular file to a path of this machine. */
  save(path: string, target: string, onBytes: (bytes: number, all: number) => void, signal: AbortSignal) {
    const place = this.place(path);
    const all = this.read.image.layers[place.layer]?.entries.size(place.index) ?? 0;
    return writeContent(target, (sink) => {
      let written = 0;
      const told = {
        begin: (bytes: number) => {
          written = 0;
          sink.begin(bytes);
        },
        write: (part: Uint8Array) => {
          sink.write(part);
          written += part.length;
          onBytes(written, all);
        },
      };
      return this.read.image.copy(place, told, signal);
    });
  }

  private place(path: string): EntryPlace {
    const place = this.view.content(path);
    if (place !== undefined) return place;
    const followed = this.view.follow(path);
    const where = `layer ${this.view.layer + 1} of ${this.read.image.name}`;
    if (followed.kind === 'loop') throw loop(followed.link);
    if (followed.kind === 'nothing' && this.view.find(this.real(path)) !== undefined) {
      throw new ImageError(`/${path} is a link to what is not there in ${where}`);
    }
    if (followed.kind === 'nothing') throw new ImageError(`there is no /${path} in ${where}`);
    throw new ImageError(`/${path} is no file in ${where}`);
  }

  /** The path with the links of its folders followed; a link at its end is meant itself. */
  private real(path: string): string {
    const slash = path.lastIndexOf('/');
    const folder = this.view.follow(slash < 0 ? '' : path.slice(0, slash));
    if (folder.kind === 'loop') throw loop(folder.link);
    const name = path.slice(slash + 1);
    if (folder.kind !== 'found') return path;
    return folder.path === '' ? name : `${folder.path}/${name}`;
  }

  private typeOf(path: string, own: string) {
    const followed = own === 'symlink' || own === 'hardlink' ? this.view.follow(path) : undefined;
    const content = this.view.content(path);
    const isLink = own === 'symlink';
    if (content !== undefined) return { type: 'file', isLink, content } as const;
    if (isLink && followed?.kind !== 'found') return { type: 'symlink', isLink, content } as const;
    const type = followed?.kind === 'found' ? (this.view.find(followed.path)?.type ?? 'directory') : own;
    return { type: type === 'directory' ? 'directory' : 'other', isLink, content } as const;
  }
}

function loop(link: string): ImageError {
  return new ImageError(`the link /${link} leads in a circle: it is not followed further`);
}
