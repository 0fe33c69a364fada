const express = require('express');
const { allow, authenticate, definePermissions } = require('express-app-roles');
const { startEmulator } = require('express-app-roles/emulator');
const { createTestEntra, forEachBadToken } = require('express-app-roles/testing');
const request = require('supertest');

const text = { displayName: 'Read all orders', description: 'Lets the app read every order.' };
const permissions = definePermissions({ 'Orders.Read.All': { application: text } });

function createApp(entra) {
  const app = express();
  app.use(authenticate({ ...entra, permissions }));
  app.get('/orders', allow(permissions.application('Orders.Read.All')), (_req, res) => res.json([]));
  return app;
}

describe('an Entra in the process', () => {
  const entra = createTestEntra({ permissions });
  const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
  expect.extend(entra.matchers);

  test('a client with the role reads orders, one without does not', async () => {
    expect(await request(app).get('/orders').set(entra.asApplication('Orders.Read.All'))).toBeAllowed();
    expect(await request(app).get('/orders').set(entra.asApplication([]))).toBeRefused('missing_app_role');
  });

  test('no bad token is accepted', () => forEachBadToken(entra, (headers) => request(app).get('/orders').set(headers)));
});

test('a local Entra', async () => {
  const entra = await startEmulator({
    directory: {
      applications: [
        { displayName: 'Orders API', permissions },
        { displayName: 'reader', appRoleAssignments: { 'Orders API': ['Orders.Read.All'] } },
      ],
    },
  });
  const { clientId } = entra.directory.applications.named('Orders API');
  const app = createApp({ tenant: entra.tenantId, clientId, testAuthority: entra.origin });
  const token = entra.applicationToken({ client: 'reader', resource: 'Orders API' });
  await request(app).get('/orders').set('Authorization', `Bearer ${token}`).expect(200);
  await entra.close();
});
