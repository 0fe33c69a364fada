import { readFileSync } from 'node:fs';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './app.js';
import { startRevocations } from './redis.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/revocation.md');

test.each(['app.ts', 'redis.ts', 'shut-out.test.ts'])(
  'the page shows exactly %s, which is compiled and run',
  (path) => {
    expect(page).toContain(`\`\`\`ts\n${read(path)}\`\`\``);
    expect(page.match(/^```ts$/gm)).toHaveLength(3);
  },
);

test('the app of the page is not ready without its Redis, and says so', async () => {
  const warnings: string[] = [];
  const { revoked, stop } = startRevocations('redis://127.0.0.1:1', (warning) => warnings.push(warning));
  try {
    const entra = createTestEntra({ permissions });
    const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra }, revoked);
    await request(app).get('/ready').expect(503, { revocations: false });
    await request(app).get('/orders').set(entra.asApplication('Order.Read')).expect(503);
    await expect.poll(() => warnings[0]).toContain('ECONNREFUSED');
  } finally {
    stop();
  }
});
