import type { StageState, Surroundings } from './stage.js';
import { expansion, pickVariable } from './stage.js';

/** Instructions that are not RUN, COPY or ADD. */

export function workdir(around: Surroundings, stage: StageState): string {
  const { random, counter } = around;
  return random.pick([
    `WORKDIR /w${counter.next()}`,
    `WORKDIR /w${counter.next()}/`,
    `WORKDIR /w${counter.next()}/x/../y`,
    'WORKDIR /',
    'WORKDIR sub',
    'WORKDIR /tmp',
    'WORKDIR .',
    `WORKDIR /w-${expansion(around, stage)}`,
    `WORKDIR "/w${counter.next()} blank"`,
    `WORKDIR w${counter.next()}/${expansion(around, stage)}`,
  ]);
}

export function environment(around: Surroundings, stage: StageState): string {
  const { random } = around;
  const name = random.pick(['E', 'F', 'LONG_NAME', 'lower']);
  const other = pickVariable(random, stage);
  const value = random.word(3);
  const text = random.pick([
    `ENV ${name}=${value}`,
    `ENV ${name}=${value}`,
    `ENV ${name} ${value} with blanks`,
    `ENV ${name}="${value} quoted" G=\${${other}:-none}`,
    `ENV ${name}='$${other} not expanded'`,
    `ENV ${name}=${value}\\ escaped`,
    `ENV ${name}=\${${other}}/${value} \\\n    SECOND=${random.word(2)}`,
    `ENV ${name}=${expansion(around, stage)} THIRD="${expansion(around, stage)}"`,
    `ENV ${name} ${expansion(around, stage)}`,
    `ENV PATH=$PATH:/opt/${value}`,
    `env ${name}=$${other}x`,
  ]);
  if (!text.startsWith('ENV PATH')) stage.variables.push(name);
  return text;
}

/** ARG; names that a --build-arg may give are added to `argNames`. */
export function argument(around: Surroundings, stage: StageState, argNames: string[]): string {
  const { random } = around;
  if (argNames.includes('GLOBAL') && random.chance(0.3)) {
    stage.variables.push('GLOBAL');
    return random.pick(['ARG GLOBAL', 'ARG GLOBAL=own']);
  }
  if (random.chance(0.15)) {
    const predefined = random.pick(['TARGETARCH', 'TARGETPLATFORM', 'BUILDOS', 'http_proxy', 'SOURCE_DATE_EPOCH']);
    if (predefined.startsWith('T')) stage.variables.push(predefined);
    return `ARG ${predefined}`;
  }
  const name = random.pick(['V', 'VERSION', 'E', 'SRC']);
  const other = pickVariable(random, stage);
  stage.variables.push(name);
  if (!argNames.includes(name)) argNames.push(name);
  return random.pick([
    `ARG ${name}`,
    `ARG ${name}=${random.word(3)}`,
    `ARG ${name}="a b"`,
    `ARG ${name}=$${other}-1`,
    `ARG ${name}=1 W=2`,
    `ARG ${name}=${expansion(around, stage)}`,
  ]);
}

export function user({ random }: Surroundings, stage: StageState): string {
  const name = random.pick(stage.runs ? ['root', '0', 'app', '1000:1000', 'app:app', '${NOBODY:-root}'] : ['0', '1:1']);
  stage.root = /root|^0/.test(name);
  return `USER ${name}`;
}

export function shell({ random }: Surroundings): string {
  return random.pick(['SHELL ["/bin/sh", "-ec"]', 'SHELL ["/bin/sh", "-c"]', 'shell ["sh", "-c"]']);
}

export function metadata(around: Surroundings, stage: StageState): string {
  const { random } = around;
  return random.pick([
    `LABEL note=${random.word(3)}`,
    `LABEL "a b"="$V" c='d'`,
    `LABEL one=${expansion(around, stage)} \\\n      two="x y"`,
    `CMD ["/bin/sh", "-c", "echo ${random.word(3)}"]`,
    'CMD echo hi',
    'ENTRYPOINT ["/bin/sh"]',
    'ENTRYPOINT exec sh',
    `EXPOSE ${random.int(1000, 9000)}/tcp`,
    'EXPOSE 80 90-92/udp',
    'VOLUME /data',
    'VOLUME ["/data", "/more"]',
    'HEALTHCHECK --interval=30s --retries=2 CMD true',
    'HEALTHCHECK CMD ["true"]',
    'HEALTHCHECK NONE',
    'STOPSIGNAL SIGTERM',
    'STOPSIGNAL 9',
    `MAINTAINER ${random.word()} <me@example.org>`,
  ]);
}

/** ONBUILD of something small that works on any child. */
export function trigger({ random, counter, context, grammar }: Surroundings): string {
  const n = counter.next();
  const source = random.pick(context.sources.filter((one) => !one.includes(' ')));
  const instructions = [
    `RUN echo ${random.word(3)} > /o${n}`,
    `RUN echo ${random.word(3)} > /tmp/o${n}`,
    `COPY ${source} /o${n}`,
    `ADD pack.tar /o${n}/`,
    `ENV ON=${random.word(3)}`,
    `WORKDIR /o${n}`,
    `ARG V`,
    `LABEL on=build`,
    ...(grammar.mounts ? [`RUN --mount=type=bind,source=src,target=/m ls /m`] : []),
  ];
  return `ONBUILD ${random.pick(instructions)}`;
}
