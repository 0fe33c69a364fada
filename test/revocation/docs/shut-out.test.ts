import { memoryRevocations, revocations } from 'express-app-roles/revocation';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { createApp, permissions } from './app.js';

const entra = createTestEntra({ permissions });
const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse' });
const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra }, revoked);
expect.extend(entra.matchers);

test('a client that was revoked is shut out', async () => {
  const nightly = entra.client('nightly');
  const asNightly = entra.asApplication('Order.Read', { client: nightly });
  expect(await request(app).get('/orders').set(asNightly)).toBeAllowed();
  await request(app)
    .post('/revocations')
    .set(entra.asApplication('Revocation.ReadWrite.All'))
    .send({ subject: { kind: 'client', clientId: nightly.clientId }, reason: 'Its secret was in a log.' })
    .expect(201);
  expect(await request(app).get('/orders').set(asNightly)).toBeRefused('denied');
});
