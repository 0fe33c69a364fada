import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './orders.js';

const entra = createTestEntra({ permissions });
const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });

test.each(entra.badTokens())('a token $name is $status', async ({ headers, status }) => {
  const response = await request(app).get('/orders').set(headers);
  expect(response.status).toBe(status);
});
