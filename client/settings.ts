import * as vscode from 'vscode';

/** The value of one of our settings for a resource. */
export function settingValue(id: string, missing: boolean, resource?: vscode.Uri): boolean;
export function settingValue(id: string, missing: string, resource?: vscode.Uri): string;
export function settingValue<T>(id: string, missing: T, resource?: vscode.Uri): T;
export function settingValue<T>(id: string, missing: T, resource?: vscode.Uri): T {
  return vscode.workspace.getConfiguration(undefined, resource ?? null).get<T>(id, missing);
}

/** Writes a setting where it was set before: elsewhere the new value would be hidden by the old one. */
export async function writeSetting(id: string, value: unknown, resource?: vscode.Uri): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(undefined, resource ?? null);
  const values = configuration.inspect(id);
  const target =
    values?.workspaceFolderValue !== undefined
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : values?.workspaceValue !== undefined
        ? vscode.ConfigurationTarget.Workspace
        : vscode.ConfigurationTarget.Global;
  await configuration.update(id, value, target);
}
