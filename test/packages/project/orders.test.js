// The testing kit in CommonJS, run by Jest.
const express = require('express');
const { allow, authenticate, definePermissions } = require('express-app-roles');
const { createTestEntra, forEachBadToken } = require('express-app-roles/testing');
const request = require('supertest');

const text = { displayName: 'Read all orders', description: 'Lets the app read every order.' };
const permissions = definePermissions({ 'Orders.Read.All': { application: text } });
const entra = createTestEntra({ permissions });
expect.extend(entra.matchers);

const app = express();
app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
app.get('/orders', allow(permissions.application('Orders.Read.All')), (_req, res) => res.json([]));

test('a client with the role reads orders, one without does not', async () => {
  expect(await request(app).get('/orders').set(entra.asApplication('Orders.Read.All'))).toBeAllowed();
  expect(await request(app).get('/orders').set(entra.asApplication([]))).toBeRefused('missing_app_role');
});

test('no bad token is accepted', () => forEachBadToken(entra, (headers) => request(app).get('/orders').set(headers)));
