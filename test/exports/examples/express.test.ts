import express from 'express';
import { allow, authenticate, problemDetails, record } from 'express-app-roles';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, it } from 'vitest';
import { application, delegated } from './define-permissions.js';
import { CLIENT_ID, type Mailbox, mailboxes, permissions, store, TENANT_ID } from './mailboxes.js';

it('definePermissions', () => {
  expect(application('Mail.Read').permissions).toEqual(['Mail.Read']);
  expect(delegated).toBeTypeOf('function');
});

it('authenticate, problemDetails', async () => {
  const app = express();
  app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions }));
  app.get('/mail', allow(permissions.application('Mail.Send')), (_req, res) => res.json([]));
  app.use(problemDetails());
  const { status, body } = await request(app).get('/mail');
  expect([status, body.code]).toEqual([401, 'no_credential']);
});

it('record', async () => {
  const mailbox = record<Mailbox>({
    name: 'mailbox',
    find: (id) => store.mailbox(id),
    owners: (m) => m.owners,
    notOwner: 'forbidden',
  });
  const entra = createTestEntra({ permissions });
  const owner = entra.client('owner');
  const app = express();
  app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
  app.get('/mailboxes/:id', allow(permissions.application('Mailbox.ReadWrite.OwnedBy').owned(mailbox)), (req, res) =>
    res.json(mailbox.of(req).id),
  );
  const { id } = await store.createMailbox(owner.principal);
  const as = (client: typeof owner) => entra.asApplication('Mailbox.ReadWrite.OwnedBy', { client });
  await request(app).get(`/mailboxes/${id}`).set(as(owner)).expect(200, JSON.stringify(id));
  await request(app)
    .get(`/mailboxes/${id}`)
    .set(as(entra.client('another')))
    .expect(403);
  mailboxes.clear();
});
