import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEmulator } from 'express-app-roles/emulator';
import { createApp } from './app.js';
import { openDatabase } from './database.js';
import { applicationToken, mailroomRegistration } from './local-entra.js';
import { createStore } from './records.js';
import { addSampleData, people } from './sample-data.js';

// Local development: the API, a local Entra of its own, sample data, and lines to paste. Nothing of this is for a server.
process.env.NODE_ENV ??= 'development';
const { DATABASE_URL, PORT = '3000' } = process.env;

const { clientId } = mailroomRegistration;
const nightly = '7e570000-0000-4000-8000-0000000000c1';
const newsletter = '7e570000-0000-4000-8000-0000000000c2';
const secret = 'for local development only';

const entra = await startEmulator({
  directory: {
    applications: [
      mailroomRegistration,
      { displayName: 'Portal' },
      {
        displayName: 'Nightly script',
        clientId: nightly,
        secrets: [secret],
        appRoleAssignments: { 'Mailroom API': ['Mail.Send'] },
      },
      { displayName: 'Newsletter', clientId: newsletter, secrets: [secret] },
    ],
    users: Object.values(people).map(({ name, objectId }) => ({ name, objectId })),
  },
});
const { origin, tenantId } = entra;
const database = await openDatabase({ url: DATABASE_URL });
await addSampleData(database, tenantId);

const tokenOfAda = () =>
  entra.userToken({ user: 'Ada', client: 'Portal', resource: 'Mailroom API', scopes: ['Mail.Read', 'User.Read'] });
const tokenOfNightly = () => applicationToken(origin, tenantId, nightly, secret);
const tokenOfNewsletter = () => applicationToken(origin, tenantId, newsletter, secret);

const app = createApp({
  store: createStore(database),
  tenantId,
  clientId,
  testAuthority: origin,
  callers: [
    { name: 'Ada, at the portal', token: tokenOfAda },
    { name: 'Nightly script, with Mail.Send', token: tokenOfNightly },
    { name: 'Newsletter, without Mail.Send', token: tokenOfNewsletter },
  ],
});
const server = createServer(app);
server.listen(Number(PORT), '127.0.0.1');
await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE';
  console.error(taken ? `Port ${PORT} is in use. Take another: PORT=3001 npm start` : error.message);
  process.exit(1);
});

// Ctrl-C may arrive twice: from the terminal, and passed on by npm.
let stopping = false;
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
async function stop() {
  if (stopping) {
    return;
  }
  stopping = true;
  server.close();
  server.closeAllConnections();
  await entra.close();
  await database.destroy();
}

const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { ada, grace } = people;
const bearer = (token: string) => `-H 'Authorization: Bearer ${token}'`;
const asAda = bearer(tokenOfAda());
const asNightly = bearer(await tokenOfNightly());
const asNewsletter = bearer(await tokenOfNewsletter());
const mail = `-H 'Content-Type: application/json' -d '${JSON.stringify({ to: grace.mail, subject: 'Report', body: 'All is well.' })}'`;

console.log(`
The Mailroom API listens at ${api}, its local Entra at ${origin}. Ctrl-C stops both.
The data is ${DATABASE_URL ? 'in the database of DATABASE_URL' : 'in memory'}. Paste any of these lines; the tokens are good for an hour.

# 200: Ada reads her own mail. She signed in at the portal, which was granted Mail.Read.
curl -i ${api}/me/messages ${asAda}

# 403: with the same token, Grace's mail. For a user, Mail.Read opens what is the user's own.
curl -i ${api}/users/${grace.objectId}/messages ${asAda}

# 202: the nightly script, as itself, sends from Ada's mailbox. It was granted the application permission Mail.Send.
curl -i ${api}/users/${ada.objectId}/sendMail ${mail} ${asNightly}

# 403: the newsletter asks for the same. Its token is as genuine, but it was granted nothing.
curl -i ${api}/users/${ada.objectId}/sendMail ${mail} ${asNewsletter}

# 401: nobody.
curl -i ${api}/me

Who may call what, and why, with buttons to try it: ${api}/permissions/
`);
