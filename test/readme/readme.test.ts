import { readFileSync } from 'node:fs';
import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authority, clientId, startAuthority, tenantId } from '../support/authority.js';
import { createApp } from './app.js';
import { prepare } from './ready.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test.each(['app.ts', 'ready.ts'])('the README shows exactly the %s that is compiled and run here', (name) => {
  expect(read('../../README.md')).toContain(`\`\`\`ts\n${read(name)}\`\`\``);
});

test('every piece of TypeScript in the README is one of them', () => {
  expect(read('../../README.md').match(/```ts$/gm)).toHaveLength(2);
});

test('the readiness of the README says whether keys are held', async () => {
  const app = express();
  await prepare(app, { tenant: tenantId, clientId, testAuthority: authority.origin });
  await request(app).get('/ready').expect(200);
  const away = express();
  await expect(prepare(away, { tenant: tenantId, clientId, testAuthority: 'http://127.0.0.1:9' })).rejects.toThrow();
  await request(away).get('/ready').expect(503);
});

test('the app of the README does what its comments say', async () => {
  const app = createApp({ tenant: tenantId, clientId, testAuthority: authority.origin });
  const as = (claims: Record<string, unknown>) => ['Authorization', `Bearer ${authority.token(claims)}`] as const;
  const script = as(authority.application(['Order.ReadWrite.OwnedBy']));
  const otherId = '5b000000-0000-4000-8000-000000000002';
  const otherScript = as(authority.application(['Order.ReadWrite.OwnedBy'], { oid: otherId, sub: otherId }));
  const backup = as(authority.application(['Order.Read']));
  const user = as(authority.user('Order.Read'));

  await request(app).get('/health').expect(200);
  const { body: order } = await request(app)
    .post('/orders')
    .set(...script)
    .expect(201);
  await request(app)
    .post('/orders')
    .set(...backup)
    .expect(403);
  await request(app)
    .get(`/orders/${order.id}`)
    .set(...script)
    .expect(200, order);
  await request(app)
    .get(`/orders/${order.id}`)
    .set(...backup)
    .expect(200, order);
  await request(app)
    .get(`/orders/${order.id}`)
    .set(...otherScript)
    .expect(403);
  await request(app)
    .get(`/orders/${order.id}`)
    .set(...user)
    .expect(403);
  await request(app)
    .get('/orders')
    .set(...script)
    .expect(200, [order]);
  await request(app)
    .get('/orders')
    .set(...otherScript)
    .expect(200, []);
  await request(app)
    .get('/orders')
    .set(...backup)
    .expect(200, [order]);
  await request(app)
    .get('/orders/none')
    .set(...backup)
    .expect(404);
  await request(app).get(`/orders/${order.id}`).expect(401);
});
