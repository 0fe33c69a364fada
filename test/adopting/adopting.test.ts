import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import type { TestAuthority } from 'express-app-roles';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as before from './before.js';
import { orders } from './handlers.js';
import { clientId, permissions, tenant } from './permissions.js';
import * as step1 from './step-1.js';
import * as step2 from './step-2.js';
import * as step3 from './step-3.js';
import * as step4 from './step-4.js';
import { watch } from './watch.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../docs/adopting.md');

const files = ['handlers', 'before', 'permissions', 'step-1', 'watch', 'step-2', 'step-3', 'step-4'];
test.each(files)('the page shows exactly the %s.ts that is compiled and run here', (name) => {
  expect(page).toContain(`\`\`\`ts\n${read(`${name}.ts`)}\`\`\``);
  expect(page.match(/^```ts$/gm)).toHaveLength(files.length);
});

const entra = createTestEntra({ tenant, clientId, permissions });
const until = new Date().toISOString().slice(0, 10);
const ada = entra.user('Ada');
const id = '1';
beforeEach(() => {
  orders.clear();
  orders.set(id, { id, ownerId: ada.principal.objectId });
});

type Ask = (app: Express) => request.Test;
const key = { 'x-api-key': 'the key of all jobs' };
const get =
  (path: string, headers: Record<string, string> = {}): Ask =>
  (app) =>
    request(app).get(path).set(headers);
const post =
  (headers: Record<string, string>): Ask =>
  (app) =>
    request(app).post('/orders').set(headers).send({ ownerId: ada.principal.objectId });

const requests: [text: string, ask: Ask][] = [
  ['`GET /health`, no token', get('/health')],
  ['`GET /health`, a bad token', get('/health', { Authorization: 'Bearer a.b.c' })],
  ['`GET /orders/:id`, no token', get('/orders/1')],
  ['… a bad token', get('/orders/1', { Authorization: 'Bearer a.b.c' })],
  ['… its owner, through a client with `Order.Read`', get('/orders/1', entra.asUser(ada, 'Order.Read'))],
  ['… another user', get('/orders/1', entra.asUser('Grace', 'Order.Read'))],
  ['… a job without the app role `Order.Read`', get('/orders/1', entra.asApplication([]))],
  ['… no such order, a job with `Order.Read`', get('/orders/2', entra.asApplication('Order.Read'))],
  ['`POST /orders`, the key', post(key)],
  ['… the key, and a user with `Order.Create`', post({ ...key, ...entra.asUser(ada, 'Order.Create') })],
  ['… a user with `Order.Create`, no key', post(entra.asUser(ada, 'Order.Create'))],
  ['`GET /export`, no token', get('/export')],
  ['… a job with `Order.Read`', get('/export', entra.asApplication('Order.Read'))],
];

const apps: Express[] = [];
beforeAll(() => {
  const authority: TestAuthority = entra;
  apps.push(
    before.createApp(),
    step1.createApp(until, authority).app,
    step2.createApp(until, authority).app,
    step3.createApp(authority).app,
    step4.createApp(authority).app,
  );
});

test.each(requests)('the page says which statuses change, and when: %s', async (text, ask) => {
  const statuses: number[] = [];
  for (const app of apps) statuses.push((await ask(app)).status);
  expect(page).toContain(`| ${text} | ${statuses.join(' | ')} |`);
});

test('the steps that report say what the next ones refuse', async () => {
  const { app, guard } = step2.createApp(until, entra);
  const lines: unknown[] = [];
  watch(guard, (line, details) => lines.push([line, details]));
  await get('/orders/1', entra.asApplication([], { client: 'nightly' }))(app).expect(200);
  await post(key)(app).expect(201);
  await get('/export')(app).expect(200);
  const client = entra.client('nightly').clientId;
  expect(lines).toEqual([
    ['would be refused', { method: 'GET', route: '/orders/:id', status: 403, code: 'missing_app_role', client }],
    ['would be refused', { method: 'POST', route: '/orders', status: 401, code: 'no_credential', client: undefined }],
    ['notice', { code: 'undeclared_route', route: '/export' }],
  ]);
  expect(guard.report()?.refusals.map(({ route, count }) => [route, count])).toEqual([
    ['/orders/:id', 1],
    ['/orders', 1],
  ]);
});

test('a suite may speak of decisions before they are enforced', async () => {
  expect.extend(entra.matchers);
  const { app } = step2.createApp(until, entra);
  expect(await get('/orders/1')(app).expect(200)).toBeRefused('no_credential');
  expect(await get('/health', { Authorization: 'Bearer a.b.c' })(app).expect(200)).toBeRefused('not_a_jwt');
  expect(await get('/orders/1', entra.asUser(ada, 'Order.Read'))(app)).toBeAllowed();
});

describe('what the page shows of a report', () => {
  test('is one', async () => {
    const { app, guard } = step2.createApp(until, entra);
    const nightly = entra.client('nightly');
    await get('/orders/1', entra.asApplication([], { client: nightly }))(app);
    await get('/orders/1', entra.asApplication([], { client: nightly }))(app);
    await post(key)(app);
    const [, text = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
    const shown = JSON.parse(text);
    const [first] = shown.refusals;
    expect(JSON.parse(JSON.stringify(guard.report()))).toEqual({
      ...shown,
      until,
      refusals: [{ ...first, clientId: nightly.clientId }, ...shown.refusals.slice(1)],
    });
  });
});
