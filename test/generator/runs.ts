import type { StageState, Surroundings } from './stage.js';
import { heredoc, pickVariable, reference } from './stage.js';

/** A RUN that works for the stage's user; some are the same each time, some depend on content, some are random. */
export function runInstruction(around: Surroundings, stage: StageState): string {
  const { random, counter, grammar } = around;
  const n = counter.next();
  const output = `${stage.root ? '' : '/tmp'}/r${n}`;
  const input = stage.root && stage.produced.length > 0 ? random.pick(stage.produced) : '/etc/passwd';
  const variable = pickVariable(random, stage);
  const produces = (text: string): string => {
    stage.produced.push(output);
    return text;
  };
  const choice = random.weighted<() => string>([
    [5, () => produces(`RUN echo ${random.word()} > ${output}`)],
    [2, () => `RUN : ${random.word()}`],
    [2, () => produces(`RUN mkdir ${output} && echo ${n} > ${output}/f`)],
    [3, () => produces(`RUN cp -r ${input} ${output}`)],
    [3, () => produces(`RUN ls -R ${input} | wc -l > ${output}`)],
    [2, () => produces(`RUN cat /proc/sys/kernel/random/uuid > ${output}`)],
    [2, () => produces(`RUN echo "$${variable}" > ${output}`)],
    [1, () => produces(`RUN ["/bin/sh", "-c", "echo ${n} > ${output}"]`)],
    [1, () => produces(`RUN echo one > ${output} && \\\n    # why\n    echo two >> ${output}`)],
    [1, () => produces(`RUN dd if=/dev/zero of=${output} bs=1000 count=${random.int(1, 9)} 2>/dev/null`)],
    [1, () => produces(`RUN echo x > ${output} && ln ${output} ${output}.hard && ln -s ${output} ${output}.soft`)],
    [1, () => produces(`run   echo lower > ${output}`)],
    [grammar.runFlags ? 1 : 0, () => `RUN --network=${random.pick(['none', 'host', 'default'])} : ${random.word(3)}`],
    [grammar.documents ? 3 : 0, () => produces(scriptRun(around, output))],
    [grammar.mounts ? 6 : 0, () => produces(mountRun(around, stage, output))],
  ]);
  return choice();
}

/** RUN with here-documents: a script, one with an interpreter, input of a command, several of them. */
function scriptRun({ random }: Surroundings, output: string): string {
  const word = random.word(4);
  const one = heredoc(random, 'EOF', [`echo ${word} > ${output}`, '# in the script', 'true']);
  const script = heredoc(random, 'EOF', ['#!/bin/sh', `echo "${word} $HOME" > ${output}`]);
  const first = heredoc(random, 'ONE', [`first ${word}`, '$HOME']);
  const second = heredoc(random, 'TWO', ['second', '', 'end']);
  return random.pick([
    `RUN ${one.open}\n${one.body}`,
    `RUN ${script.open}\n${script.body}`,
    `RUN cat ${first.open} > ${output}\n${first.body}`,
    `RUN ${first.open} cat > ${output} && ${second.open} cat >> ${output}\n${first.body}\n${second.body}`,
    `RUN sh ${one.open}\n${one.body}`,
    `RUN --mount=type=tmpfs,target=/mnt ${one.open}\n${one.body}`,
  ]);
}

function mountRun(around: Surroundings, stage: StageState, output: string): string {
  const { random } = around;
  const mounts = Array.from({ length: random.chance(0.2) ? 2 : 1 }, (_, index) => mount(around, stage, index));
  const flags = mounts.map((one) => `--mount=${one.text}`);
  const uses = mounts.map((one) => one.use).join('; ');
  return `RUN ${flags.join(random.chance(0.1) ? ' \\\n    ' : ' ')} { ${uses}; } > ${output} 2>/dev/null || true`;
}

interface Mount {
  readonly text: string;
  /** Shell command. */
  readonly use: string;
}

function mount(around: Surroundings, stage: StageState, index: number): Mount {
  const { random, counter, grammar } = around;
  return random.weighted<() => Mount>([
    [5, () => bindMount(around, index)],
    [3, () => cacheMount(around, stage, index)],
    [
      1,
      () => ({
        text: `type=tmpfs,target=/t${index}${random.chance(0.4) && grammar.tmpfsSize ? `,size=${random.int(1, 9)}m` : ''}`,
        use: `echo t > /t${index}/f; ls /t${index}`,
      }),
    ],
    [3, () => secretMount(around, index)],
    [
      1,
      () => ({
        text: random.pick([
          'type=ssh',
          'type=ssh,required=false',
          'type=ssh,id=default,mode=0600',
          'type=ssh,uid=1000,gid=1000',
        ]),
        use: `echo ${counter.next()}`,
      }),
    ],
  ])();
}

function bindMount(around: Surroundings, index: number): Mount {
  const { random, context, baseImage } = around;
  const target = random.pick([`target=/m${index}`, `dst=/m${index}`, `destination=/m${index}`]);
  const write = random.chance(0.2) ? random.pick([',rw', ',readwrite', ',rw=true', ',ro=false']) : '';
  const type = random.chance(0.7) ? 'type=bind,' : '';
  const use = random.pick([`ls -R /m${index}`, `cat /m${index}* /m${index}/*`, `echo done`]);
  const givers = around.earlier.filter((one) => one.produced.length > 0);
  const kind = random.weighted([
    [5, 'context'],
    [givers.length > 0 ? 3 : 0, 'stage'],
    [1, 'image'],
    [1, 'all'],
  ] as const);
  if (kind === 'all') return { text: `${type}${target}${write}`, use };
  if (kind === 'image') return { text: `${type}from=${baseImage},source=/etc,${target}${write}`, use };
  if (kind === 'stage') {
    const from = random.pick(givers);
    const source = random.chance(0.8) ? `,source=${random.pick(from.produced)}` : '';
    return { text: `${type}from=${reference(around, from)}${source},${target}${write}`, use };
  }
  const sources = [...context.sources.filter((one) => !one.includes(' ')), ...context.directories];
  return { text: `${type}${random.pick(['source', 'src'])}=${random.pick(sources)},${target}${write}`, use };
}

function cacheMount(around: Surroundings, stage: StageState, index: number): Mount {
  const { random, counter, baseImage } = around;
  const target = `/var/c${counter.next()}`;
  const parts = [`type=cache,target=${target}`];
  if (random.chance(0.4)) parts.push(`id=cache-${random.word(2)}`);
  if (random.chance(0.3)) parts.push(`sharing=${random.pick(['shared', 'private', 'locked'])}`);
  if (random.chance(0.2)) parts.push('uid=1000', 'gid=1000');
  if (random.chance(0.2)) parts.push(`mode=${random.pick(['0755', '0700', '01777'])}`);
  if (random.chance(0.1)) parts.push('ro');
  const based = around.earlier.filter((one) => one.runs);
  if (random.chance(0.25)) {
    const from = based.length > 0 && random.chance(0.7) ? reference(around, random.pick(based)) : baseImage;
    parts.push(`from=${from}`, 'source=/etc');
  }
  return { text: parts.join(','), use: `echo ${index}${stage.root ? ` > ${target}/f` : ''}` };
}

function secretMount({ random, secrets }: Surroundings, index: number): Mount {
  const parts = ['type=secret'];
  if (secrets.length > 0 && random.chance(0.7)) {
    parts.push(`id=${random.pick(secrets)}`);
    if (random.chance(0.3)) parts.push(random.pick(['required', 'required=true']));
  } else {
    parts.push('id=absent');
    if (random.chance(0.5)) parts.push('required=false');
  }
  if (random.chance(0.3)) parts.push(`env=SECRET${index}`);
  if (random.chance(0.4)) parts.push(`target=/run/s${index}`);
  if (random.chance(0.3)) parts.push(`mode=${random.pick(['0400', '0444', '0600'])}`);
  if (random.chance(0.15)) parts.push('uid=1000', 'gid=0');
  return { text: parts.join(','), use: random.pick(['ls /run/secrets', 'true', 'echo secret']) };
}
