import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { assignments, createApp, orders, permissions } from './choosing.js';

const entra = createTestEntra({ permissions });
const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
expect.extend(entra.matchers);

const ada = entra.user('Ada');
const job = entra.client('job');
beforeAll(() => {
  for (const id of ['1', '2']) orders.set(id, { id, region: id === '1' ? 'north' : 'south', owners: [] });
  orders.set('own', { id: 'own', region: 'north', owners: [ada.principal, job.principal] });
});
const get = (path: string, headers: Record<string, string>) => request(app).get(path).set(headers);

describe('what the page on forms says of each of them', () => {
  test('a scope opens to a user what is theirs', async () => {
    const headers = entra.asUser(ada, 'Order.Read');
    expect(await get('/orders/own', headers)).toBeAllowed();
    expect(await get('/orders/1', headers)).toBeRefused('not_owner');
  });

  test('a scope and a role of the user open every record', async () => {
    const approve = (userRoles: ['Order.Approver'] | []) =>
      request(app)
        .post('/orders/1/approval')
        .set(entra.asUser(ada, 'Order.Approve', { userRoles }));
    expect(await approve([])).toBeRefused('missing_user_role');
    expect(await approve(['Order.Approver'])).toBeAllowed();
  });

  test('OwnedBy opens what the client owns, All everything', async () => {
    const owned = entra.asApplication('Order.ReadWrite.OwnedBy', { client: job });
    expect(await get('/orders/own', owned)).toBeAllowed();
    expect(await get('/orders/1', owned)).toBeRefused('not_owner');
    expect(await get('/orders/1', entra.asApplication('Order.ReadWrite.All', { client: job }))).toBeAllowed();
  });

  test('Selected opens what was granted to the client, and to no other client', async () => {
    const headers = entra.asApplication('Order.Read.Selected', { client: job });
    expect(await get('/orders/1', headers)).toBeRefused('not_selected');
    await assignments.putSelection({ record: 'order', key: '1', client: job.principal, roles: ['read'] });
    expect(await get('/orders/1', headers)).toBeAllowed();
    expect(await get('/orders/2', headers)).toBeRefused('not_selected');
    expect(await get('/orders/1', entra.asApplication('Order.Read.Selected'))).toBeRefused('not_selected');
  });

  test('within scopes the role alone opens nothing, and an assignment its records', async () => {
    const headers = entra.asApplication('Order.Export', { client: job });
    expect(await get('/orders/1/export', headers)).toBeRefused('out_of_scope');
    const { tenantId } = job.principal;
    await assignments.putScope({ tenantId, record: 'order', name: 'north', filter: { region: 'north' } });
    const by = { client: job.principal, createdBy: ada.principal, reason: undefined };
    await assignments.assign({ record: 'order', scope: 'north', permission: 'Order.Export', ...by });
    expect(await get('/orders/1/export', headers)).toBeAllowed();
    expect(await get('/orders/2/export', headers)).toBeRefused('out_of_scope');
    expect(await get('/orders/2/export', entra.asApplication('Order.Export.All'))).toBeAllowed();
  });
});
