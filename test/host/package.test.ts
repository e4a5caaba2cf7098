import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { extensionId } from './editor';

describe('the packaged extension', () => {
  it('runs from where it was installed, not from the checkout', () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension);
    const checkout = process.env['LAYER_INSIGHT_ROOT'];
    assert.ok(checkout !== undefined && !extension.extensionPath.startsWith(checkout), extension.extensionPath);
    assert.ok(existsSync(join(extension.extensionPath, 'dist', 'extension.js')));
  });

  it('carries no sources and no dependencies', () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension);
    for (const name of ['node_modules', 'core', 'test', 'server', 'tsconfig.json']) {
      assert.ok(!existsSync(join(extension.extensionPath, name)), `${name} was packaged`);
    }
  });
});
