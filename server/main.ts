import { join } from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

const connection = createConnection(ProposedFeatures.all);
startServer(connection, { env: process.env, hashWorker: join(__dirname, 'hashWorker.js') });
connection.listen();
