import { stateFolder } from '../../core/node/store/stateFolder';
import type { Analysis } from '../analysis';
import type { AskedEngine } from '../answers';
import { EngineSession } from '../engines';

/** The engine that a Dockerfile is built with; asked for now where a commit counts as the last build. */
export async function engineOf(analysis: Analysis, env: NodeJS.ProcessEnv): Promise<AskedEngine | undefined> {
  const { settings, comparesWithCommit, wantedBuilder, askedEngine } = analysis;
  if (!comparesWithCommit || settings === undefined || settings.engineKind === 'none') return askedEngine;
  const nobody = (): void => undefined;
  const session = new EngineSession(settings, wantedBuilder, env, stateFolder(env), nobody, nobody);
  try {
    session.use(analysis, (known) => analysis.imagesWith(known));
    await session.load();
    return session.result && { result: session.result, keepsImages: session.keepsImages };
  } finally {
    session.dispose();
  }
}
