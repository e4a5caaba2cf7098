import { describeMutation } from '../generator/describe.js';
import type { Dialect } from '../generator/dialect.js';
import { dockerfileText, mutated, type Case, type Entry, type Project } from '../generator/project.js';
import type { CaseFailure } from './differential.js';
import { builderArguments, projectArguments } from './predictor.js';

function showEntry(path: string, entry: Entry): string {
  if (entry.kind === 'symlink') return `  ${path} -> ${entry.target}`;
  const mode = entry.mode.toString(8);
  if (entry.kind === 'dir') return `  ${path}/ (${mode})`;
  if (entry.kind === 'archive') return `  ${path} (${mode}) tar of ${JSON.stringify(entry.members).slice(0, 100)}`;
  const content = entry.content.length > 60 ? `${entry.content.length} bytes` : JSON.stringify(entry.content);
  return `  ${path} (${mode}) ${content}`;
}

function command(program: string, project: Project, more: readonly string[] = []): string {
  const file = project.dockerfile === 'Dockerfile' ? [] : ['-f', project.dockerfile];
  const args = [...file, ...projectArguments(project, '../context'), ...more].map((arg) =>
    /^[\w./=:,-]+$/.test(arg) ? arg : JSON.stringify(arg),
  );
  return [program, ...args, '.'].join(' ');
}

const PROGRAMS: Readonly<Record<Dialect, { readonly build: string; readonly predict: string }>> = {
  buildkit: { build: 'docker buildx build', predict: 'layer-insight predict' },
  classic: { build: 'DOCKER_BUILDKIT=0 docker build', predict: 'DOCKER_BUILDKIT=0 layer-insight predict' },
  buildah: { build: 'podman build', predict: 'layer-insight predict --engine podman' },
};

/** Everything a person needs to see a disagreement again by hand. */
export function reproduction(one: Case, failure: CaseFailure): string {
  const lines = ['files:', ...Object.entries(one.initial.files).map(([path, entry]) => showEntry(path, entry))];
  const aside = Object.entries(one.initial.aside);
  if (one.mutations.some((mutation) => JSON.stringify(mutation).includes('swap-folder')))
    lines.push('beside the context:', ...aside.map(([path, entry]) => showEntry(path, entry)));
  lines.push(
    `${one.initial.dockerfile}:`,
    ...dockerfileText(one.initial)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  );
  lines.push('commands:');
  let project = one.initial;
  const dialect = one.dialect ?? 'buildkit';
  const { build, predict } = PROGRAMS[dialect];
  for (let step = 0; step <= failure.step; step++) {
    const mutation = step === 0 ? undefined : one.mutations[step - 1];
    if (mutation) {
      project = mutated(project, mutation);
      lines.push(`  # ${describeMutation(mutation)}`);
    }
    const plan = one.builds[step];
    if (plan?.unwatched !== true) lines.push(`  ${command(predict, project)}`);
    const output = dialect === 'buildkit' && plan?.output === 'cacheonly' ? ' --output type=cacheonly' : '';
    lines.push(`  ${command(`${build}${output}`, project, builderArguments(project, dialect))}`);
    if (plan?.lookAfter === true && step < failure.step) lines.push(`  ${command(predict, project)} >/dev/null`);
  }
  lines.push('disagreement:', ...failure.disagreements.map((disagreement) => `  ${disagreement.message}`));
  return lines.join('\n');
}
