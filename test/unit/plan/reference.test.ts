import { describe, expect, it } from 'vitest';
import { normalizeReference } from '../../../core/plan/reference';

const digest = `sha256:${'0'.repeat(64)}`;

describe('image names', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1', 'docker.io/library/busybox:1'],
    ['me/app', 'docker.io/me/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/busybox:1', 'docker.io/library/busybox:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['ghcr.io/me/app:v1.2', 'ghcr.io/me/app:v1.2'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
    [`busybox:1@${digest}`, `docker.io/library/busybox:1@${digest}`],
  ])('%s is %s', (text, expected) => {
    expect(normalizeReference(text)).toBe(expected);
  });

  it.each(['', 'Busybox', 'a b', 'a:', 'a:b:c', '-a', 'a/', 'a@sha256:0', 'a:tag!', 'a//b'])('"%s" is none', (text) => {
    expect(normalizeReference(text)).toBeUndefined();
  });
});
