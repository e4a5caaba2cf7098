import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { Host } from '../host';
import { DiskUsageApp } from './app';
import { DiskTable } from './table';
import { DiskTreemap } from './treemap';

customElements.define('li-table', DiskTable);
customElements.define('li-treemap', DiskTreemap);
customElements.define('li-disk-usage', DiskUsageApp);

const app = new DiskUsageApp();
app.host = new Host((notification) => app.told(notification));
document.body.append(app);
app.host.send({ kind: 'command', name: 'ready' });
