/** A platform in its parts. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

/** Names of architectures with another spelling; `undefined` keeps the variant as written. */
const ARCHITECTURES: Readonly<Record<string, readonly [string, string | undefined]>> = {
  x86_64: ['amd64', undefined],
  'x86-64': ['amd64', undefined],
  aarch64: ['arm64', undefined],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  i386: ['386', ''],
};

/** Variants with another spelling. */
const VARIANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  amd64: { v1: '' },
  arm64: { '8': '', v8: '', 'v8.0': '', '9': 'v9', '9.0': 'v9', 'v9.0': 'v9' },
  arm: { '': 'v7', '5': 'v5', '6': 'v6', '7': 'v7', '8': 'v8' },
};

const SYSTEMS = ['linux', 'windows', 'darwin', 'macos', 'freebsd', 'netbsd', 'openbsd', 'solaris', 'android', 'aix'];
const KNOWN_ARCHITECTURES =
  /^(?:386|amd64|arm|arm64|ppc|ppc64|ppc64le|loong64|mips|mipsle|mips64|mips64le|riscv|riscv64|s390|s390x|wasm)$/;
const PART = /^[a-z0-9_.-]+$/;

/**
 * Reads `os/arch[/variant]`, or only one of the first two with the other one of the builder (containerd/platforms
 * Parse, Normalize); undefined when it is none. A v8 arm64 and a v1 amd64 are the plain ones.
 */
export function parsePlatform(text: string, builder?: Platform): Platform | undefined {
  const parts = text.toLowerCase().split('/');
  const [first = '', second, third = ''] = parts;
  if (parts.length > 3 || !parts.every((part) => PART.test(part))) return undefined;
  const os = first === 'macos' ? 'darwin' : first;
  if (second !== undefined) return { os, ...normalized(second, third) };
  if (builder === undefined) return undefined;
  if (SYSTEMS.includes(first)) return { ...builder, os };
  const only = normalized(first, '');
  return KNOWN_ARCHITECTURES.test(only.architecture) ? { os: builder.os, ...only } : undefined;
}

function normalized(architecture: string, variant: string): Pick<Platform, 'architecture' | 'variant'> {
  const [name, own] = ARCHITECTURES[architecture] ?? [architecture, undefined];
  const named = own ?? variant;
  return { architecture: name, variant: VARIANTS[name]?.[named] ?? named };
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
