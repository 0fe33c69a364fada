import { createTestEntra, forEachBadToken } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './orders.js';

const entra = createTestEntra({ permissions });
const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
expect.extend(entra.matchers);

test('a job with Order.Read lists orders, and creates none', async () => {
  const job = entra.asApplication('Order.Read');
  expect(await request(app).get('/orders').set(job)).toBeAllowed();
  expect(await request(app).post('/orders').set(job)).toBeRefused('missing_app_role');
});

test('no bad token is accepted', () => forEachBadToken(entra, (headers) => request(app).get('/orders').set(headers)));
