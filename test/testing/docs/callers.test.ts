import { type ApplicationTokenOptions, type Credentials, createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './orders.js';

const tenant = '7e570000-0000-4000-8000-000000000001';
const clientId = '11111111-1111-4111-8111-111111111111';
const entra = createTestEntra({ tenant, clientId, permissions });
const app = createApp({ tenant, clientId, testAuthority: entra });
expect.extend(entra.matchers);

const ada = entra.user('Ada');
const grace = entra.user('Grace', { guestOf: entra.otherTenant });
const nightly = entra.client('nightly', { authenticatedBy: 'certificate' });
const cleaner = entra.client('cleaner', { managedIdentity: true });

test('a user reads an order of their own, and no other', async () => {
  const path = `/orders/${app.createOrder(ada.principal)}`;
  expect(await request(app).get(path).set(entra.asUser(ada, 'Order.Read'))).toBeAllowed();
  expect(await request(app).get(path).set(entra.asUser(grace, 'Order.Read'))).toBeRefused('not_owner');
});

test('a client reads what it owns, whatever the version of its token', async () => {
  const path = `/orders/${app.createOrder(nightly.principal)}`;
  const as = (options: ApplicationTokenOptions) => entra.asApplication('Order.ReadWrite.OwnedBy', options);
  expect(
    await request(app)
      .get(path)
      .set(as({ client: nightly })),
  ).toBeAllowed();
  expect(
    await request(app)
      .get(path)
      .set(as({ client: nightly, tokenVersion: 1 })),
  ).toBeAllowed();
  expect(
    await request(app)
      .get(path)
      .set(as({ client: cleaner })),
  ).toBeRefused('not_owner');
});

test('a scope is not enough to approve', async () => {
  const path = `/orders/${app.createOrder(ada.principal)}/approval`;
  const approve = (headers: Credentials) => request(app).post(path).set(headers).send({ comment: 'Fine.' });
  expect(await approve(entra.asUser(ada, 'Order.Approve'))).toBeRefused('missing_user_role');
  expect(await approve(entra.asUser(ada, 'Order.Approve', { userRoles: ['Order.Approver'] }))).toBeAllowed();
});

test('other callers', async () => {
  const read = (headers: Credentials) => request(app).get('/orders').set(headers);
  expect(await read(entra.asApplication([]))).toBeRefused('missing_app_role');
  expect(await read(entra.asApplication('Order.Read', { agent: true }))).toBeAllowed();
  const foreign = entra.client('of a customer', { tenant: entra.otherTenant });
  expect(await read(entra.asApplication('Order.Read', { client: foreign }))).toBeRefused('wrong_tenant');
});
