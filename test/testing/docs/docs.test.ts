import { readFileSync } from 'node:fs';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './orders.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/testing.md');

test.each(['suite', 'callers', 'bad-tokens', 'matrix'])(
  'the page shows exactly %s.test.ts, which is run beside this',
  (name) => {
    expect(page).toContain(`\`\`\`ts\n${read(`${name}.test.ts`)}\`\`\``);
    expect(page.match(/^```ts$/gm)).toHaveLength(4);
  },
);

test('the page shows the table that its matrix gives', () => {
  const [, table] = /`\n"([^"]+)"\n`/.exec(read('__snapshots__/matrix.test.ts.snap')) ?? [];
  expect(page).toContain(`\`\`\`\n${table}\n\`\`\``);
});

test('the page shows the message that a matcher gives', async () => {
  const entra = createTestEntra({ permissions });
  const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
  const path = `/orders/${app.createOrder(entra.user('Grace').principal)}`;
  const response = await request(app).get(path).set(entra.asUser('Ada', 'Order.Read'));
  expect(page).toContain(`\`\`\`\n${entra.matchers.toBeAllowed(response).message()}\n\`\`\``);
});
