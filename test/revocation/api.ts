import express, { type Express } from 'express';
import { allow, authenticate, definePermissions, problemDetails } from 'express-app-roles';
import {
  memoryRevocations,
  type Revocations,
  type RevocationsOptions,
  revocationRoutes,
  revocations,
} from 'express-app-roles/revocation';
import { type Credentials, createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { afterEach } from 'vitest';

const texts = { displayName: 'Do it', description: 'Lets the app do it.' };

export const permissions = definePermissions({
  'Mail.Read': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Revocation.Read.All': { application: texts },
  'Revocation.ReadWrite.All': { application: texts },
});
export const { application, delegated } = permissions;

export const entra = createTestEntra({ permissions });

const opened: Revocations[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

/** The list of one instance; closed after the test. */
export function listOf(options: Partial<RevocationsOptions> = {}): Revocations {
  const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse', ...options });
  opened.push(revoked);
  return revoked;
}

/** An instance of the API: mail to read, and its list to manage. */
export function appWith(revoked: Revocations, { everyTenant = false, severalTenants = false } = {}): Express {
  const app = express();
  const of = severalTenants ? { tenants: [entra.tenant, entra.otherTenant] } : { tenant: entra.tenant };
  app.use(
    authenticate({ ...of, clientId: entra.clientId, permissions, testAuthority: entra, deny: revoked.deny } as never),
  );
  app.use(express.json());
  app.get('/mail', allow(delegated('Mail.Read'), application('Mail.Read')), (_req, res) => void res.json([]));
  const write = application('Revocation.ReadWrite.All');
  revocationRoutes(app, '/revocations', {
    revocations: revoked,
    read: [application('Revocation.Read.All'), everyTenant ? write.acrossTenants() : write],
    write: [everyTenant ? write.acrossTenants() : write],
  });
  app.use(problemDetails());
  return app;
}

/** Status and code of the answer to a request for mail. */
export async function read(app: Express, credentials: Credentials): Promise<string> {
  const { status, body } = await request(app).get('/mail').set(credentials);
  return status === 200 ? '200' : `${status} ${body.code}`;
}

export const seconds = (): number => Math.floor(Date.now() / 1_000);
