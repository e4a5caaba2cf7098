import { describe, expect, it } from 'vitest';
import { lineOfWords, proposedPorts, proposedRun, shellOrder, wordsOf, type RunOrder } from '../../../core/model';
import { publishedPorts, readDockerListed, readPodmanListed, readRunDefaults } from '../../../core/run/answers';
import { canBeInherited } from '../../../core/run/environment';
import { refusalOfRun, runArguments } from '../../../core/run/runArguments';

const order = (some: Partial<RunOrder> = {}): RunOrder => ({
  ...{ image: 'shop:1', name: '', ports: [], environment: {}, mounts: [], command: [], remove: false, detached: true },
  ...some,
});

describe('the arguments of a run', () => {
  it('are few where nothing is asked for, and fetch nothing', () => {
    expect(runArguments(order()).args).toEqual(['run', '--pull=never', '--detach', 'shop:1']);
    expect(runArguments(order({ detached: false, remove: true })).args).toEqual([
      ...['run', '--pull=never', '--interactive', '--tty', '--rm', 'shop:1'],
    ]);
  });

  it('name everything before the image and the command behind it, word by word', () => {
    const all = order({
      ...{ name: 'web', ports: ['8080:80'], mounts: ['/a b:/src:ro'], command: ['sh', '-c', 'echo "$A"'] },
      entrypoint: '',
    });
    expect(runArguments(all).args).toEqual([
      ...['run', '--pull=never', '--detach', '--name', 'web', '--publish', '8080:80', '--volume', '/a b:/src:ro'],
      ...['--entrypoint', '', 'shop:1', 'sh', '-c', 'echo "$A"'],
    ]);
  });

  it('have no value of a variable, but of those that the program itself would read', () => {
    const { args, env } = runArguments(order({ environment: { TOKEN: 's3cret', PATH: '/bin', EMPTY: '' } }));
    expect(args).toEqual([
      ...['run', '--pull=never', '--detach', '--env', 'TOKEN', '--env', 'PATH=/bin', '--env', 'EMPTY', 'shop:1'],
    ]);
    expect(env).toEqual({ TOKEN: 's3cret', EMPTY: '' });
  });

  it.each([
    'DOCKER_HOST',
    'BUILDX_BUILDER',
    'CONTAINER_HOST',
    'https_proxy',
    'HOME',
    'XDG_RUNTIME_DIR',
    'a.b',
    'LD_PRELOAD',
  ])('%s does not reach the program', (name) => expect(canBeInherited(name)).toBe(false));

  it.each(['TOKEN', 'APP_HOME', 'NODE_ENV', 'DATABASE_URL', 'Path2', 'GOOGLE_API_KEY', 'STORAGE_KEY'])(
    '%s does',
    (name) => expect(canBeInherited(name)).toBe(true),
  );

  it('are not made of what would be an option', () => {
    expect(refusalOfRun(order())).toBe('');
    expect(refusalOfRun(order({ image: '--privileged' }))).toMatch(/no name of an image/);
    expect(refusalOfRun(order({ name: '-x' }))).toMatch(/no name for a container/);
    expect(refusalOfRun(order({ environment: { 'A=B': '' } }))).toMatch(/no name of a variable/);
  });
});

describe('what an image wants', () => {
  const config = {
    ExposedPorts: { '443/tcp': {}, '80/tcp': {}, '53/udp': {}, '3000/tcp': {} },
    Volumes: { '/data': {} },
    Env: ['PATH=/bin', 'TOKEN=a=b'],
    Entrypoint: null,
    Cmd: ['node', 'app.js'],
    User: 'app',
    WorkingDir: '/app',
  };

  it('is read from its configuration, of variables the names only', () => {
    expect(readRunDefaults({ Config: config })).toEqual({
      ports: ['53/udp', '80/tcp', '443/tcp', '3000/tcp'],
      volumes: ['/data'],
      environment: ['PATH', 'TOKEN'],
      entrypoint: [],
      command: ['node', 'app.js'],
      user: 'app',
      workingDirectory: '/app',
    });
  });

  it('is nothing for one that says nothing', () => {
    const defaults = readRunDefaults({});
    expect(defaults).toMatchObject({ ports: [], volumes: [], command: [], user: '' });
    expect(proposedRun('x', defaults)).toMatchObject({ detached: false, remove: true, ports: [] });
  });

  it('is published on this machine only, ports of the system elsewhere', () => {
    const defaults = readRunDefaults({ Config: config });
    expect(proposedPorts(defaults)).toEqual(['127.0.0.1:8080:80', '127.0.0.1:8443:443', '127.0.0.1:3000:3000']);
    expect(proposedRun('x', defaults)).toMatchObject({ detached: true, remove: false });
  });

  it('may be a text in old releases of Podman', () => {
    expect(readRunDefaults({ Config: { Entrypoint: '/bin/app --now' } }).entrypoint).toEqual(['/bin/app', '--now']);
  });

  it('does not matter for a look into it', () => {
    expect(runArguments(shellOrder('x')).args.slice(0, 8)).toEqual([
      ...['run', '--pull=never', '--interactive', '--tty', '--rm', '--entrypoint', '/bin/sh', 'x'],
    ]);
  });
});

describe('ports of containers', () => {
  const binding = { address: '0.0.0.0', published: 8080, port: 80, protocol: 'tcp' };

  it('are opened where they are published, once for both families of addresses', () => {
    expect(publishedPorts([binding, { ...binding, address: '::' }], 'unix:///x')).toEqual([
      { container: '80/tcp', url: 'http://localhost:8080' },
    ]);
    const own = publishedPorts([{ ...binding, address: '127.0.0.1' }], '');
    expect(own.map(({ url }) => url)).toEqual(['http://127.0.0.1:8080']);
    const six = publishedPorts([{ ...binding, address: '::1' }], '');
    expect(six.map(({ url }) => url)).toEqual(['http://[::1]:8080']);
  });

  it('are those of the machine of the engine', () => {
    for (const host of ['ssh://me@build.example:22', 'tcp://build.example:2376'])
      expect(publishedPorts([binding], host)[0]?.url).toBe('http://build.example:8080');
  });

  it('are only those that a browser can open', () => {
    expect(
      publishedPorts(
        [
          { ...binding, protocol: 'udp' },
          { ...binding, published: 0 },
        ],
        '',
      ),
    ).toEqual([]);
    expect(publishedPorts([{ ...binding, port: 443, published: 8443 }], '')[0]?.url).toBe('https://localhost:8443');
  });

  it('are read from what docker lists', () => {
    const listed = {
      ...{ Id: 'a'.repeat(64), Names: ['/web'], Image: 'shop:1', ImageID: 'sha256:1', State: 'running' },
      Ports: [
        { PrivatePort: 81, Type: 'tcp' },
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      ],
    };
    expect(readDockerListed(listed, '')).toEqual({
      ...{ id: 'a'.repeat(64), name: 'web', image: 'shop:1', imageId: 'sha256:1', state: 'running' },
      ports: [{ container: '80/tcp', url: 'http://localhost:8080' }],
    });
  });

  it('are read from what podman lists, ranges one by one', () => {
    const listed = {
      ...{ Id: 'a', Names: ['web'], Image: 'localhost/shop:1', ImageID: '1', State: 'running' },
      Ports: [{ host_ip: '', container_port: 80, host_port: 8080, range: 2, protocol: 'tcp' }],
    };
    const { ports, imageId } = readPodmanListed(listed, '');
    expect(ports.map(({ url }) => url)).toEqual(['http://localhost:8080', 'http://localhost:8081']);
    expect(imageId).toBe('sha256:1');
    expect(readPodmanListed({ ...listed, Ports: null }, '').ports).toEqual([]);
  });
});

describe('words of a line', () => {
  it.each([
    ['', []],
    ['  node  app.js ', ['node', 'app.js']],
    [`sh -c 'echo "a b"'`, ['sh', '-c', 'echo "a b"']],
    [`"a \\" b" c\\ d ''`, ['a " b', 'c d', '']],
    [`--x="1 2"`, ['--x=1 2']],
    [`'open`, ['open']],
  ])('%j', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
    expect(wordsOf(lineOfWords(words))).toEqual(words);
  });
});
