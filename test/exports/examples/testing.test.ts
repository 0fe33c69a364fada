import { createLocalEntra, startEmulator } from 'express-app-roles/emulator';
import { createTestEntra, forEachBadToken, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, it } from 'vitest';
import { CLIENT_ID, createApp, permissions, store, TENANT_ID } from './mailboxes.js';

const [tenant, clientId] = [TENANT_ID, CLIENT_ID];

it('createTestEntra', async () => {
  const entra = createTestEntra({ tenant, clientId, permissions });
  const app = createApp({ tenant, clientId, testAuthority: entra });
  await request(app).get('/mailboxes').set(entra.asApplication('Mailbox.ReadWrite.All')).expect(200);
  await request(app).get('/mailboxes').set(entra.asApplication('Mail.Send')).expect(403);
});

it('forEachBadToken', async () => {
  const entra = createTestEntra({ tenant, clientId, permissions });
  const app = createApp({ tenant, clientId, testAuthority: entra });
  await forEachBadToken(entra, (headers) => request(app).get('/mailboxes').set(headers));
});

it('permissionMatrix', async () => {
  const entra = createTestEntra({ tenant, clientId, permissions });
  const app = createApp({ tenant, clientId, testAuthority: entra });
  const matrix = await permissionMatrix(app, entra, {
    records: { mailbox: async (owner) => (await store.createMailbox(owner)).id },
    examples: { 'PATCH /mailboxes/:id': { body: { displayName: 'Renamed' } } },
  });
  expect(matrix.toString()).toMatchSnapshot();
});

it('createLocalEntra', () => {
  const entra = createLocalEntra({
    directory: {
      applications: [
        { displayName: 'Mailroom API', permissions },
        { displayName: 'Nightly script', secrets: ['a secret'], appRoleAssignments: { 'Mailroom API': ['Mail.Send'] } },
      ],
    },
  });
  expect(entra.applicationToken({ client: 'Nightly script', resource: 'Mailroom API' })).toMatch(/^ey/);
});

it('startEmulator', async () => {
  const entra = await startEmulator({
    directory: {
      applications: [
        { displayName: 'Mailroom API', permissions },
        { displayName: 'Nightly script', secrets: ['a secret'], appRoleAssignments: { 'Mailroom API': ['Mail.Send'] } },
      ],
    },
  });
  const keys = await fetch(`${entra.origin}/common/discovery/keys`);
  await entra.close();
  expect(keys.status).toBe(200);
});
