import type { AddressInfo } from 'node:net';
import express from 'express';
import { authenticate, definePermissions, publicRoute } from '../../src/index.js';
import { clientId, tenantId } from '../support/authority.js';

/** Serves one request and stops listening: then nothing may keep the process alive. */
const app = express();
app.use(
  authenticate({
    tenant: tenantId,
    clientId,
    permissions: definePermissions({
      'Mail.Read': { application: { displayName: 'Read', description: 'Reads mail.' } },
    }),
    testAuthority: process.env.AUTHORITY,
  }),
);
app.get('/', publicRoute(), (_req, res) => {
  res.json({});
});
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const headers = { authorization: `Bearer ${process.env.TOKEN}`, connection: 'close' };
  const { status } = await fetch(url, { headers });
  console.log(status);
  server.close();
});
