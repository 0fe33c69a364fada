import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { inventory } from 'express-app-roles';
import { memoryRevocations, revocations } from 'express-app-roles/revocation';
import { forEachBadToken, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.js';
import { operatingRoutes } from './operating-routes.js';
import { permissions } from './permissions.js';
import { people } from './sample-data.js';
import { createTestApp } from './test-app.js';
import { entra } from './test-entra.js';
import { databases, openTestStore } from './test-store.js';

const leaked = { subject: { kind: 'token', tokenId: 'leaked' }, reason: 'It was in a log.' } as const;

describe.each(databases)('the Mailroom API on $name', ({ url }) => {
  const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse' });
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let app: Express;

  beforeAll(async () => {
    const { tenant: tenantId, clientId } = entra;
    opened = await openTestStore(tenantId, url);
    await revoked.ready();
    app = createApp({ store: opened.store, tenantId, clientId, testAuthority: entra, revocations: revoked });
  });
  afterAll(() => {
    revoked.close();
    return opened.close();
  });

  it('lets those operate it whom permission-matrix.txt names', async () => {
    const operated = createTestApp((app, auth) =>
      operatingRoutes(app, { store: opened.store, auth, revocations: revoked }),
    );
    const matrix = await permissionMatrix(operated, entra, {
      examples: {
        'POST /revocations': { body: leaked },
        'DELETE /revocations/:revocation': { params: { revocation: async () => (await revoked.revoke(leaked)).id } },
      },
    });
    await expect(`${matrix}\n`).toMatchFileSnapshot('permission-matrix.txt');
  });

  it('has every route in the permission matrix of some folder, and every permission on some route', () => {
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const matrices = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('permission-matrix.txt'))
      .flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').split('\n'))
      .map((line) => line.split(/ {2,}/)[0]);
    const { operations, findings } = inventory(app, { permissions });
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect(routes.filter((route) => !matrices.includes(route))).toEqual([]);
    expect(findings).toEqual([]);
  });

  it('accepts no bad token', async () => {
    await forEachBadToken(entra, (headers) => request(app).get('/mailboxes').set(headers));
    await forEachBadToken(entra, (headers) => request(app).get('/me').set(headers));
  });

  it('sends those without a token a challenge', async () => {
    const { headers } = await request(app).get('/me').expect(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="/);
  });

  it('answers GET /health to everyone', async () => {
    await request(app).get('/health').expect(200, { status: 'ok' });
  });

  it.each([
    ['JSON that breaks off', '{"to":', 400],
    ['a body without end', JSON.stringify({ body: 'a'.repeat(200_000) }), 413],
  ])('%s is answered as a problem', async (_what, body, status) => {
    const { type } = await request(app)
      .post(`/users/${people.ada.objectId}/sendMail`)
      .set(entra.asUser('Ada', 'Mail.Send'))
      .type('application/json')
      .send(body)
      .expect(status);
    expect(type).toBe('application/problem+json');
  });
});
