/** Which builder the Dockerfiles of a case are for. */
export type Dialect = 'buildkit' | 'classic' | 'buildah';

/** What a generated Dockerfile may have. BuildKit knows all of it; its cases must not change with the others. */
export interface Grammar {
  readonly dialect: Dialect;
  /** The cache is the store of images: the first step of a stage must never be that of another case. */
  readonly imageCache: boolean;
  /** A step takes a third of a second and more: cases are short. */
  readonly isSlow: boolean;
  readonly platforms: boolean;
  /** Names of stages in another case than they were given. */
  readonly anyCase: boolean;
  /** `RUN --network`. */
  readonly runFlags: boolean;
  readonly mounts: boolean;
  /** `size` of a tmpfs mount. */
  readonly tmpfsSize: boolean;
  readonly documents: boolean;
  readonly chmod: boolean;
  readonly modeWords: boolean;
  readonly link: boolean;
  readonly exclude: boolean;
  readonly unpack: boolean;
  /** `--chown=:GROUP`. */
  readonly groupAlone: boolean;
  readonly secrets: boolean;
  readonly noCacheFilter: boolean;
}

const BUILDKIT: Grammar = {
  dialect: 'buildkit',
  imageCache: false,
  isSlow: false,
  platforms: true,
  anyCase: true,
  runFlags: true,
  mounts: true,
  tmpfsSize: true,
  documents: true,
  chmod: true,
  modeWords: true,
  link: true,
  exclude: true,
  unpack: true,
  groupAlone: true,
  secrets: true,
  noCacheFilter: true,
};

const GRAMMARS: Readonly<Record<Dialect, Grammar>> = {
  buildkit: BUILDKIT,
  classic: {
    ...BUILDKIT,
    dialect: 'classic',
    imageCache: true,
    platforms: false,
    runFlags: false,
    mounts: false,
    documents: false,
    chmod: false,
    modeWords: false,
    link: false,
    exclude: false,
    unpack: false,
    groupAlone: false,
    secrets: false,
    noCacheFilter: false,
  },
  buildah: {
    ...BUILDKIT,
    dialect: 'buildah',
    imageCache: true,
    isSlow: true,
    anyCase: false,
    tmpfsSize: false,
    modeWords: false,
    unpack: false,
    noCacheFilter: false,
  },
};

export function grammarOf(dialect: Dialect | undefined): Grammar {
  return GRAMMARS[dialect ?? 'buildkit'];
}
