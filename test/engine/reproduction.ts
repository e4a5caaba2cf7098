import {
  describeMutation,
  dockerfileText,
  mutated,
  type Case,
  type Entry,
  type Project,
} from '../generator/project.js';
import type { CaseFailure } from './differential.js';
import { projectArguments } from './predictor.js';

function showEntry(path: string, entry: Entry): string {
  if (entry.kind === 'symlink') return `  ${path} -> ${entry.target}`;
  const mode = entry.mode.toString(8);
  if (entry.kind === 'dir') return `  ${path}/ (${mode})`;
  const content = entry.content.length > 60 ? `${entry.content.length} bytes` : JSON.stringify(entry.content);
  return `  ${path} (${mode}) ${content}`;
}

function command(program: string, project: Project): string {
  const args = projectArguments(project).map((arg) => (/^[\w./=:-]+$/.test(arg) ? arg : JSON.stringify(arg)));
  return [program, ...args, '.'].join(' ');
}

/** Everything a person needs to see a disagreement again by hand. */
export function reproduction(one: Case, failure: CaseFailure): string {
  const lines = ['files:', ...Object.entries(one.initial.files).map(([path, entry]) => showEntry(path, entry))];
  lines.push(
    'Dockerfile:',
    ...dockerfileText(one.initial)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  );
  lines.push('commands:');
  let project = one.initial;
  for (let step = 0; step <= failure.step; step++) {
    const mutation = step === 0 ? undefined : one.mutations[step - 1];
    if (mutation) {
      project = mutated(project, mutation);
      lines.push(`  # ${describeMutation(mutation)}`);
    }
    const plan = one.builds[step];
    if (plan?.unwatched !== true) lines.push(`  ${command('layer-insight predict', project)}`);
    const output = plan?.output === 'cacheonly' ? ' --output type=cacheonly' : '';
    lines.push(`  ${command(`docker buildx build${output}`, project)}`);
  }
  lines.push('disagreement:', ...failure.disagreements.map((disagreement) => `  ${disagreement.message}`));
  return lines.join('\n');
}
