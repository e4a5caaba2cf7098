import { describe, expect, it } from 'vitest';
import { formatPlatform, parsePlatform, platformArguments } from '../../../core/plan/platform';

const amd64 = { os: 'linux', architecture: 'amd64', variant: '' };
const normal = (text: string) => {
  const platform = parsePlatform(text, amd64);
  return platform === undefined ? undefined : formatPlatform(platform);
};

describe('platforms', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['Linux/AMD64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v2', 'linux/amd64/v2'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i386', 'linux/386'],
    ['linux', 'linux/amd64'],
    ['windows', 'windows/amd64'],
    ['arm64', 'linux/arm64'],
  ])('%s is %s', (text, expected) => {
    expect(normal(text)).toBe(expected);
  });

  it.each(['', '/', 'linux/', 'linux/a/b/c', 'plan ten', 'nothing', '$X', '*'])('"%s" is none', (text) => {
    expect(normal(text)).toBeUndefined();
  });

  it('are arguments of every Dockerfile', () => {
    const args = new Map(platformArguments(amd64, { os: 'linux', architecture: 'arm', variant: 'v7' }, ''));
    expect(args.get('BUILDPLATFORM')).toBe('linux/amd64');
    expect(args.get('TARGETPLATFORM')).toBe('linux/arm/v7');
    expect(args.get('TARGETVARIANT')).toBe('v7');
    expect(args.get('BUILDVARIANT')).toBe('');
    expect(args.get('TARGETSTAGE')).toBe('default');
  });
});
