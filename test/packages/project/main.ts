import assert from 'node:assert/strict';
import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  definePermissions,
  problemDetails,
  publicRoute,
} from 'express-app-roles';
import { startEmulator } from 'express-app-roles/emulator';

const text = { displayName: 'Read all orders', description: 'Lets the app read every order.' };
const permissions = definePermissions({ 'Orders.Read.All': { application: text } });

async function main(): Promise<void> {
  const entra = await startEmulator({
    directory: {
      applications: [
        { displayName: 'Orders API', requestedAccessTokenVersion: 2, permissions },
        {
          displayName: 'reader',
          secrets: ['reader-secret'],
          appRoleAssignments: { 'Orders API': ['Orders.Read.All'] },
        },
        { displayName: 'stranger', secrets: ['stranger-secret'] },
      ],
    },
  });
  const application = (name: string) => {
    const found = entra.directory.applications.named(name);
    assert(found);
    return found;
  };
  const api = application('Orders API');

  const app = express();
  const { tenantId: tenant, origin: testAuthority } = entra;
  const guard = authenticate({ tenant, clientId: api.clientId, permissions, testAuthority });
  const readers = allow(permissions.application('Orders.Read.All'));
  app.use(guard);
  app.get('/orders/:id', readers, (req, res) => {
    const id: string = req.params.id;
    res.json({ id, kind: callerOf(req).kind });
  });
  app.use(problemDetails());
  const names = [guard, readers, publicRoute(), problemDetails()].map(({ name }) => name);
  assert.deepEqual(names, ['authenticate', 'allow', 'publicRoute', 'problemDetails']);
  assertDeclared(app);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  assert(typeof address === 'object' && address !== null);

  const statusFor = async (name: string): Promise<number> => {
    const client = application(name);
    const answer = await fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        client_secret: client.passwordCredentials[0]?.secretText ?? '',
        scope: `api://${api.clientId}/.default`,
      }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const response = await fetch(`http://127.0.0.1:${address.port}/orders/7`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return response.status;
  };
  assert.equal(await statusFor('reader'), 200);
  assert.equal(await statusFor('stranger'), 403);

  server.close();
  await entra.close();
}

void main();
