import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { beforeAll, expect, test } from 'vitest';
import { createApp, customers, orders, permissions } from './tenants.js';

const fabrikam = '7e570000-0000-4000-8000-0000000000f1';
const stranger = '7e570000-0000-4000-8000-0000000000f2';
const entra = createTestEntra({ permissions, otherTenants: [fabrikam, stranger] });
const app = createApp(entra.tenant, { clientId: entra.clientId, testAuthority: entra });
expect.extend(entra.matchers);

beforeAll(() => {
  customers.add(fabrikam);
  for (const [id, tenantId] of Object.entries({ theirs: fabrikam, ours: entra.tenant }))
    orders.set(id, { id, tenantId, owners: [] });
});

const names = ['Order.Read.All', 'Support.Read.All'] as const;
const of = (tenant: string) =>
  entra.asApplication(names, { client: entra.client(`client of ${tenant}`, { tenant, clientId: fabrikam }) });

test('a customer, all of whose roles are of its own granting, gets the records of its tenant', async () => {
  const { body } = await request(app).get('/orders').set(of(fabrikam)).expect(200);
  expect(body.map(({ id }: { id: string }) => id)).toEqual(['theirs']);
  expect(await request(app).get('/orders/theirs').set(of(fabrikam))).toBeAllowed();
  await request(app).get('/orders/ours').set(of(fabrikam)).expect(404);
});

test('a tenant that has not signed up gets nothing, until it has', async () => {
  expect(await request(app).get('/orders').set(of(stranger))).toBeRefused('wrong_tenant');
  customers.add(stranger);
  await request(app).get('/orders').set(of(stranger)).expect(200, []);
  customers.delete(stranger);
  expect(await request(app).get('/orders').set(of(stranger))).toBeRefused('wrong_tenant');
});

test('what is for the operator is not for a customer who granted itself the role', async () => {
  expect(await request(app).get('/support/orders/ours').set(of(fabrikam))).toBeRefused('condition_failed');
  await request(app).get('/support/orders/theirs').set(of(entra.tenant)).expect(200);
});
