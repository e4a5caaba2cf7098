import { describe, expect, it } from 'vitest';
import { NO_ANSWERS, wantedOf, type Remotes, type Wanted } from '../../../core/evidence/remotes';
import { PLAIN_REQUEST, type PlanOptions } from '../../../core/plan/graph';
import { planBuildkit } from '../../../core/plan/buildkit';
import { imageInfo } from '../support/plan';

const NGINX = 'docker.io/library/nginx:1';
const COMMIT = 'ab'.repeat(20);

/** What a Dockerfile wants of the network; the engine has busybox only. */
function wanted(text: string, more: Partial<PlanOptions> = {}): Wanted {
  const options: PlanOptions = {
    ...PLAIN_REQUEST,
    ...{ buildPlatform: 'linux/amd64', mergesLayers: false, frontend: [0, 25] },
    image: (reference) => (reference.includes('busybox') ? imageInfo() : undefined),
    ...more,
  };
  return wantedOf(planBuildkit(text, options), options);
}

describe('what a build wants of the network', () => {
  it('is nothing when all is there', () => {
    expect(wanted(`FROM busybox:1\nADD --checksum=sha256:${'0'.repeat(64)} https://h.io/f /f`)).toEqual({
      ...{ images: [], commits: [], files: [] },
    });
  });

  it('is an image that is not there, once for each platform', () => {
    const text =
      'FROM nginx:1 AS a\nFROM --platform=linux/arm64 nginx:1 AS b\nFROM busybox:1\nCOPY --from=a / /\nCOPY --from=b / /\nCOPY --from=nginx:1 / /';
    expect(wanted(text).images).toEqual([
      { reference: NGINX, platform: 'linux/amd64' },
      { reference: NGINX, platform: 'linux/arm64' },
    ]);
  });

  it('is with --pull also one that is there, unless its digest is given', () => {
    expect(wanted('FROM busybox:1\nRUN x', { pull: true }).images.length).toBe(1);
    expect(wanted(`FROM busybox@sha256:${'0'.repeat(64)}\nRUN x`, { pull: true }).images).toEqual([]);
  });

  it('is no image of a stage that is not needed', () => {
    expect(wanted('FROM nginx:1\nRUN x\nFROM busybox:1\nRUN y').images).toEqual([]);
  });

  it('is a name in a repository, whole and without .git', () => {
    const add = (rest: string) => wanted(`FROM busybox:1\nADD ${rest} /s`).commits;
    expect(add('https://h.io/r.git')).toEqual([{ url: 'https://h.io/r.git', ref: '' }]);
    expect(add('https://h.io/r.git#main')).toEqual([{ url: 'https://h.io/r.git', ref: 'main' }]);
    expect(add('https://h.io/r.git#main:sub')).toEqual([]);
    expect(add(`https://h.io/r.git#${COMMIT}`)).toEqual([]);
    expect(add('--keep-git-dir https://h.io/r.git#main')).toEqual([]);
    expect(add('git@h.io:r.git#main')).toEqual([]);
  });

  it('is a file without a checksum', () => {
    expect(wanted('FROM busybox:1\nADD https://h.io/f /f').files).toEqual(['https://h.io/f']);
  });

  it('is nothing when another frontend reads the file', () => {
    expect(wanted('# syntax=my/frontend\nFROM nginx:1\nRUN x').images).toEqual([]);
  });

  it('grows with what is known: triggers of an image name another one', () => {
    const found = imageInfo({ onbuild: ['COPY --from=alpine:3 / /'] });
    const remotes: Remotes = { ...NO_ANSWERS, images: new Map([[`${NGINX} linux/amd64`, { found }]]) };
    const { images } = wanted('FROM nginx:1\nRUN x', { remotes });
    expect(images.map(({ reference }) => reference)).toEqual([NGINX, 'docker.io/library/alpine:3']);
  });
});
