import { once } from 'node:events';
import { createServer } from 'node:http';
import { createApp } from './app.js';
import { openDatabase } from './database.js';
import { createStore } from './store.js';

// What a container runs. Tenant and client id are those of the API's registration in Microsoft Entra.
const { TENANT_ID, CLIENT_ID, DATABASE_URL, PORT = '3000' } = process.env;

if (!TENANT_ID || !CLIENT_ID) {
  console.error('Set TENANT_ID and CLIENT_ID to the GUIDs of your tenant and of the API registered in it.');
  process.exit(1);
}
if (!DATABASE_URL) {
  console.warn('DATABASE_URL is not set: the data is in memory and ends with this process.');
}
const database = await openDatabase({ url: DATABASE_URL });
const app = createApp({ store: createStore(database), tenantId: TENANT_ID, clientId: CLIENT_ID });
const server = createServer(app);
server.listen(Number(PORT));
await once(server, 'listening');
console.log(`The Mailroom API listens on port ${PORT}.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Requests under way are answered first; a second signal ends the process at once.
  process.once(signal, () => {
    server.close(() => database.destroy());
    server.closeIdleConnections();
  });
}
