/** A platform in its parts. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  i386: '386',
};

/** Reads `os/arch[/variant]`; undefined when it is not of that form. A v8 arm64 and a v1 amd64 are the plain ones. */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant = '', ...more] = text.toLowerCase().split('/');
  if (os === undefined || os === '' || architecture === undefined || architecture === '' || more.length > 0) {
    return undefined;
  }
  const arch = ARCHITECTURES[architecture] ?? architecture;
  const plain = (arch === 'arm64' && variant === 'v8') || (arch === 'amd64' && variant === 'v1');
  return { os, architecture: arch, variant: plain ? '' : arch === 'arm' && variant === '' ? 'v7' : variant };
}

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** The platform arguments that every Dockerfile has (frontend/dockerfile/dockerfile2llb/platform.go defaultArgs). */
export function platformArguments(build: Platform, target: Platform, stage: string): [string, string][] {
  return [
    ['BUILDPLATFORM', formatPlatform(build)],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', build.variant],
    ['TARGETPLATFORM', formatPlatform(target)],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant],
    ['TARGETSTAGE', stage === '' ? 'default' : stage],
  ];
}
