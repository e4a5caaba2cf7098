import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { BuildOrder } from '../core/model';
import { askServer } from './askServer';
import {
  BuildLogRequest,
  BuildProposalRequest,
  BuildReportRequest,
  BuildStartRequest,
  BuildStopRequest,
  BuildViewsRequest,
  FileProfilesRequest,
  type BuildProposal,
  type BuildView,
  type FileProfilesView,
  type StartedBuild,
} from '../server/protocol';

/** Builds that are asked for, and what is known of them. */
export class BuildRequests {
  constructor(private readonly client: Pick<LanguageClient, 'sendRequest'>) {}

  /** What a build of an open Dockerfile would be, to its end or up to a 1-based line; undefined when it is not open. */
  async proposal(uri: string, line?: number, token?: vscode.CancellationToken): Promise<BuildProposal | undefined> {
    const params = { uri, ...(line === undefined ? {} : { line }) };
    return (await askServer(this.client, BuildProposalRequest, params, token)) ?? undefined;
  }

  /** Begins a build; rejects with a sentence for the user where it cannot be begun. */
  start(uri: string, order: BuildOrder): Promise<StartedBuild> {
    return askServer(this.client, BuildStartRequest, { uri, order });
  }

  /** Ends a build, and waits for it. */
  async stop(id: string): Promise<void> {
    await askServer(this.client, BuildStopRequest, { id });
  }

  /** What a build printed, or its instruction on a 1-based line; undefined when the build is not known. */
  async log(id: string, line?: number): Promise<string | undefined> {
    const params = { id, ...(line === undefined ? {} : { line }) };
    return (await askServer(this.client, BuildLogRequest, params)) ?? undefined;
  }

  /** The builds of this session, newest first. */
  views(): Promise<readonly BuildView[]> {
    return askServer(this.client, BuildViewsRequest, undefined);
  }

  /** Predicted against actual as plain text; undefined when the build is not known. */
  async report(id: string): Promise<string | undefined> {
    return (await askServer(this.client, BuildReportRequest, { id })) ?? undefined;
  }

  /** How compose and bake files build a Dockerfile; rejects with a sentence for the user. */
  fileProfiles(uri: string): Promise<FileProfilesView> {
    return askServer(this.client, FileProfilesRequest, { uri });
  }
}
