import express from 'express';
import { authenticate, problemDetails, record } from 'express-app-roles';
import request from 'supertest';
import { expect, it } from 'vitest';
import { permissions } from './document.js';
import { CLIENT_ID, type Mailbox, store, TENANT_ID } from './mailboxes.js';

const mailbox = record<Mailbox>({
  name: 'mailbox',
  find: (id) => store.mailbox(id),
  owners: (m) => m.owners,
  notOwner: 'forbidden',
});

it('permissionsFromDocument', async () => {
  expect(permissions.application('Mailbox.ReadWrite.OwnedBy').permissions).toEqual(['Mailbox.ReadWrite.OwnedBy']);
  const app = express();
  app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions }));
  app.use(permissions.enforce({ records: { 'Mailbox.ReadWrite.OwnedBy': { '/mailboxes/{id}': mailbox } } }));
  app.use((_req, res) => void res.json('answered'));
  app.use(problemDetails());
  for (const path of ['/mailboxes/1', '/anything']) {
    const { status, body } = await request(app).get(path);
    expect([status, body.code]).toEqual([401, 'no_credential']);
  }
});
