import express from 'express';
import { authenticate, definePermissions, problemDetails } from 'express-app-roles';
import { memoryRevocations, redisRevocations, revocationRoutes, revocations } from 'express-app-roles/revocation';
import { createTestEntra } from 'express-app-roles/testing';
import { createClient } from 'redis';
import request from 'supertest';
import { expect, it } from 'vitest';
import { CLIENT_ID, TENANT_ID } from './mailboxes.js';

const text = { displayName: 'Do it', description: 'Lets the app do it.' };
const permissions = definePermissions({
  'Revocation.Read.All': { application: text },
  'Revocation.ReadWrite.All': { application: text },
});
const { application } = permissions;
const LEAKED_CLIENT_ID = '0c1e4c3a-0000-4000-8000-000000000001';

it('revocations', async () => {
  const store = memoryRevocations();
  const app = express();
  const revoked = revocations({ store, whenUnknown: 'refuse' });
  app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions, deny: revoked.deny }));
  await revoked.revoke({
    subject: { kind: 'client', clientId: LEAKED_CLIENT_ID },
    reason: 'Its secret was in a public repository.',
  });
  expect(revoked.list()).toMatchObject([{ subject: { clientId: LEAKED_CLIENT_ID } }]);
  revoked.close();
});

it('redisRevocations', async () => {
  const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:1';
  const warnings: string[] = [];
  const log = { warn: (warning: string) => void warnings.push(warning) };
  const client = createClient({ url: REDIS_URL });
  client.on('error', (error: Error) => log.warn(error.message));
  client.connect().catch(() => {}); // not awaited: it goes on trying
  const store = redisRevocations(client, { prefix: 'mailroom:revocations' });
  const revoked = revocations({ store, whenUnknown: 'admit' });
  await expect.poll(() => warnings.length > 0 || revoked.health().ok).toBe(true);
  expect(warnings.length > 0).toBe(process.env.REDIS_URL === undefined);
  revoked.close();
  client.destroy();
});

it('revocationRoutes', async () => {
  const entra = createTestEntra({ permissions });
  const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse' });
  const app = express();
  app.use(express.json());
  app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
  revocationRoutes(app, '/revocations', {
    revocations: revoked,
    read: [application('Revocation.Read.All'), application('Revocation.ReadWrite.All')],
    write: [application('Revocation.ReadWrite.All')],
  });
  app.use(problemDetails());
  const as = (name: 'Revocation.Read.All' | 'Revocation.ReadWrite.All') => entra.asApplication(name);
  const body = { subject: { kind: 'tenant', tenantId: entra.otherTenant }, reason: 'Its contract ended.' };
  await request(app).post('/revocations').set(as('Revocation.Read.All')).send(body).expect(403);
  await request(app).post('/revocations').set(as('Revocation.ReadWrite.All')).send(body).expect(201);
  await request(app).get('/revocations').set(as('Revocation.Read.All')).expect(200);
  revoked.close();
});
