import { predictAgainstCommit, type CommitPrediction, type CommitProjectInput } from '../../baseline/commitProject';
import type { Prediction } from '../../model';
import type { BuildRequest } from '../../plan/graph';
import type { ContextIndex, IgnoreRules } from '../context/contextIndex';
import { GitCommit } from '../git/commit';
import { GitError } from '../git/runGit';
import { hostPlatform } from '../hostPlatform';
import { sha256 } from '../sha256';
import { UsageError } from './args';

/** What is predicted against a commit. */
export interface CommitQuestion {
  readonly ref: string;
  readonly text: string;
  /** Absolute path. */
  readonly dockerfile: string;
  /** Scanned. */
  readonly index: ContextIndex;
  readonly rules: IgnoreRules;
  readonly requests: readonly BuildRequest[];
}

/** Rounds of reading files that would make an answer certain: what was read may tell what else is needed. */
const ROUNDS = 3;

/** Predicts what this working tree would rebuild for a builder that has a commit in its cache; no engine is asked. */
export async function predictCommit(question: CommitQuestion): Promise<Prediction[]> {
  const { ref, index, dockerfile, rules } = question;
  const commit = await openCommit(question);
  const predictions: Prediction[] = [];
  for (const request of question.requests) {
    const input: CommitProjectInput = {
      ...{ commit, dockerfile, request, sha256, text: question.text, platform: hostPlatform() },
      context: {
        path: index.root,
        tree: index.tree,
        patterns: rules.patterns,
        problems: [...rules.problems, ...index.problems],
      },
    };
    let made: CommitPrediction = predictAgainstCommit(input);
    for (let round = 1; round <= ROUNDS && made.wanted.size > 0; round++) {
      await Promise.all([commit.read(made.wanted), index.read(index.own(made.wanted))]);
      made = predictAgainstCommit(input);
    }
    predictions.push(made.prediction);
  }
  return predictions;

  async function openCommit({ index: { root } }: CommitQuestion): Promise<GitCommit> {
    try {
      return await GitCommit.open(ref, root, dockerfile, process.env);
    } catch (error) {
      if (error instanceof GitError) throw new UsageError(`--baseline git:${ref}: ${error.message}`);
      throw error;
    }
  }
}
