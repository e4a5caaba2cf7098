import type * as vscode from 'vscode';
import type { FileProfileView } from '../../server/protocol';
import { looksSecret } from '../choices/secrets';
import type { LanguageServer } from '../languageServer';
import type { BuildProfile } from './profiles';

/** A profile that a compose or bake file has for a Dockerfile. */
export interface ProfileFromFile {
  /** The heading under which it is offered. */
  readonly kind: FileProfileView['kind'];
  readonly file: string;
  /** What is remembered once it is chosen: without values of arguments that look like secrets. */
  readonly profile: BuildProfile;
  /** These values; only in memory, read anew from the file for each build. */
  readonly secretValues: Readonly<Record<string, string>>;
  /** What else the file says, which a build from here is without. */
  readonly leftOut: readonly string[];
}

/** What compose and bake files have for a Dockerfile, and sentences about those that could not be read. */
export interface ProfilesFromFiles {
  readonly profiles: readonly ProfileFromFile[];
  readonly problems: readonly string[];
}

/** The profiles that the compose and bake files beside and above a Dockerfile have for it. Rejects with a sentence. */
export async function profilesFromFiles(
  { server }: { readonly server: LanguageServer },
  uri: vscode.Uri,
): Promise<ProfilesFromFiles> {
  const { profiles, problems } = await (await server.builds()).fileProfiles(uri.toString());
  return { profiles: profiles.map(profileOf), problems };
}

function profileOf(view: FileProfileView): ProfileFromFile {
  const { kind, file, name, context, target, args, tags, platform, secrets, ssh, leftOut } = view;
  const all = Object.entries(args);
  const plain = Object.fromEntries(all.filter(([arg]) => !looksSecret(arg)));
  const hidden = all.filter(([arg]) => looksSecret(arg));
  const chosen = {
    context,
    ...(target === '' ? {} : { target }),
    ...(platform === '' ? {} : { platform }),
    ...(Object.keys(plain).length > 0 ? { buildArgs: plain } : {}),
  };
  const profile = { name: `${kind} ${name}`, chosen, tags, secrets, ssh, secretArgs: hidden.map(([arg]) => arg) };
  return { kind, file, profile, secretValues: Object.fromEntries(hidden), leftOut };
}
