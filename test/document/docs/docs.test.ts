import { readFileSync } from 'node:fs';
import express from 'express';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './app.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/permissions-document.md');
const entra = createTestEntra({ permissions });
expect.extend(entra.matchers);

const owner = entra.client('owner');
const ada = entra.user('Ada');
const owned = { id: 'a', owners: [owner.principal, ada.principal] };
const routes = express.Router();
routes.all(['/mailboxes/:id', '/secret'], (_req, res) => void res.json('answered'));
const app = createApp(
  { tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra },
  (id) => (id === 'a' ? owned : undefined),
  routes,
);

test('the page shows exactly app.ts, which is compiled and run', () => {
  expect(page).toContain(`\`\`\`ts\n${read('app.ts')}\`\`\``);
  expect(page.match(/^```ts$/gm)).toHaveLength(1);
});

test('the page shows the beginning of the document', () => {
  const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const whole = JSON.parse(read('permissions.json'));
  const { permissions: told } = JSON.parse(shown);
  expect(told).toEqual({ 'Mailbox.ReadWrite.OwnedBy': whole.permissions['Mailbox.ReadWrite.OwnedBy'] });
});

test('the routes of the page are protected', async () => {
  const own = entra.asApplication('Mailbox.ReadWrite.OwnedBy', { client: owner });
  const stranger = entra.asApplication('Mailbox.ReadWrite.OwnedBy');
  const user = entra.asUser(ada, 'Mailbox.Read');
  expect(await request(app).delete('/mailboxes/a').set(own)).toBeAllowed();
  expect(await request(app).delete('/mailboxes/a').set(stranger)).toBeRefused('not_owner');
  expect(await request(app).get('/mailboxes/a').set(user)).toBeAllowed();
  expect(await request(app).get('/mailboxes/a').set(entra.asUser('Grace', 'Mailbox.Read'))).toBeRefused('not_owner');
  expect(await request(app).get('/mailboxes/a').set(user).set('X-Country', 'XX')).toBeRefused('condition_failed');
  expect(await request(app).get('/mailboxes/a').set(entra.asApplication('Mailbox.Read'))).toBeAllowed();
  expect(await request(app).put('/mailboxes/a').set(own)).toBeRefused('unknown_method');
  expect(await request(app).get('/secret').set(own)).toBeRefused('unknown_operation');
  expect(permissions.findings.map(({ code }) => code)).toEqual([]);
});
