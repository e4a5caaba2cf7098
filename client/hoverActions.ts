import * as vscode from 'vscode';
import { Command, InternalCommand, Setting } from './contributions';
import { settingValue } from './settings';

/** The only commands that links of ours may run. */
const LINKED: readonly string[] = [
  Command.explainLine,
  Command.showReport,
  Command.toggleHints,
  Command.refresh,
  InternalCommand.revealRow,
  Command.showStepLog,
  Command.showBuildLog,
  Command.showBuildReport,
  Command.stopBuild,
];

/**
 * Adds a line of links to a hover of the server's. They are a block of their own: what the server wrote stays
 * untrusted, whatever names of files are in it.
 */
export function withActions(
  hover: vscode.Hover | null | undefined,
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Hover | null | undefined {
  if (!hover) return hover;
  const place = [document.uri.toString(), hover.range?.start.line ?? position.line];
  const hints = settingValue(Setting.hintsEnabled, true, document.uri);
  const links = trustedMarkdown(
    [
      link(vscode.l10n.t('Explain'), Command.explainLine, place),
      link(vscode.l10n.t('Show in Layers'), InternalCommand.revealRow, place),
      link(vscode.l10n.t('Report as Text'), Command.showReport, []),
      link(hints ? vscode.l10n.t('Hide Hints') : vscode.l10n.t('Show Hints'), Command.toggleHints, []),
    ].join('&nbsp;&nbsp;·&nbsp;&nbsp;'),
  );
  return new vscode.Hover([...hover.contents, links], hover.range);
}

/** Markdown whose links may run our own commands and no others. */
export function trustedMarkdown(text: string): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(text);
  markdown.isTrusted = { enabledCommands: [...LINKED] };
  return markdown;
}

/** A link that runs a command of ours. */
export function link(label: string, command: string, args: readonly unknown[]): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `[${label}](command:${command}${query})`;
}
