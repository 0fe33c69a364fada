import { createTestEntra } from 'express-app-roles/testing';
import request, { type Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from './database.js';
import { createApp, permissions } from './orders-app.js';
import { createStore } from './orders-store.js';

const entra = createTestEntra({ permissions });
const { database } = await openDatabase('orders.sql');
const app = createApp(database, { tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
const store = createStore(database);
afterAll(() => database.destroy());

const ada = entra.user('Ada');
const job = entra.client('job');
const asAda = entra.asUser(ada, 'Order.ReadWrite');
const asJob = entra.asApplication('Order.ReadWrite.OwnedBy', { client: job });
const asManager = entra.asApplication('Order.ReadWrite.All');
const titles = ({ body }: Response) => body.map(({ title }: { title: string }) => title).sort();

describe.each([
  ['a user', asAda, asJob],
  ['a service principal', asJob, asAda],
])('%s', (name, own, other) => {
  let id: string;
  beforeAll(async () => {
    await database.deleteFrom('orders').execute();
    const title = `order of ${name}`;
    ({ id } = (await request(app).post('/orders').set(own).send({ title }).expect(201)).body);
  });

  test('owns what it made, and no other', async () => {
    await request(app).get(`/orders/${id}`).set(own).expect(200);
    await request(app).get(`/orders/${id}`).set(other).expect(403);
    await request(app).get('/orders/no-guid').set(own).expect(404);
  });

  test('is shown its own in lists, counts and searches, and changes no other in a batch', async () => {
    expect(titles(await request(app).get('/orders').set(own))).toEqual([`order of ${name}`]);
    await request(app).get('/orders/count').set(own).expect(200, { count: 1 });
    expect(titles(await request(app).get('/orders?search=order').set(own))).toEqual([`order of ${name}`]);
    const { id: foreign } = (await request(app).post('/orders').set(other).send({ title: 'foreign' })).body;
    await request(app)
      .patch('/orders')
      .set(own)
      .send({ ids: [id, foreign], title: `order of ${name}` })
      .expect(200, [{ id }]);
    expect((await store.find(foreign))?.title).toBe('foreign');
    await database.deleteFrom('orders').where('id', '=', foreign).execute();
  });

  test('names no further owner, and is not the last to leave', async () => {
    const owners = [ada.principal.objectId, job.principal.objectId];
    await request(app).put(`/orders/${id}/owners`).set(own).send({ owners }).expect(403);
    await request(app).delete(`/orders/${id}/owners/me`).set(own).expect(409);
    await request(app).put(`/orders/${id}/owners`).set(asManager).send({ owners: [] }).expect(400);
    await request(app).put(`/orders/${id}/owners`).set(asManager).send({ owners }).expect(204);
    await request(app).get(`/orders/${id}`).set(other).expect(200);
    await request(app).delete(`/orders/${id}/owners/me`).set(own).expect(204);
    await request(app).get(`/orders/${id}`).set(own).expect(403);
    await request(app).delete(`/orders/${id}/owners/me`).set(other).expect(409);
  });
});

test('owners who leave at the same time leave one', async () => {
  const { id } = await store.create('two', ada.principal);
  await store.setOwners(id, { kind: 'all' }, [ada.principal.objectId, job.principal.objectId]);
  const left = await Promise.all(
    [ada, job].map(({ principal }) => store.leave(id, { kind: 'owned', by: principal }, principal)),
  );
  expect(left.filter(Boolean)).toHaveLength(1);
  expect((await store.find(id))?.owners).toHaveLength(1);
});

test('the table itself takes no order without an owner', async () => {
  const insert = database.insertInto('orders').values({ tenant_id: entra.tenant, owners: [], title: 'orphan' });
  await expect(insert.execute()).rejects.toThrow(/orders_owners_check/);
});
