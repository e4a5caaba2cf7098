import * as vscode from 'vscode';
import type { ContextKeyId } from './contributions';

/** Writes context keys for `when` clauses; equal values are not written again. */
export class ContextKeys {
  private readonly values = new Map<ContextKeyId, boolean | string>();

  /** Sets one key. */
  set(key: ContextKeyId, value: boolean | string): void {
    if (this.values.get(key) === value) return;
    this.values.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
