import { createTestEntra } from 'express-app-roles/testing';
import { sql } from 'kysely';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from './database.js';
import { permissions } from './orders-app.js';
import { createStore } from './orders-store.js';
import { createApp } from './two-walls.js';
import { withinReach } from './within-reach.js';

const entra = createTestEntra({ permissions });
const { pglite, database } = await openDatabase('orders.sql', 'row-level-security.sql');
const app = createApp(database, { tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
afterAll(() => database.destroy());

const [one, another] = [entra.client('one'), entra.client('another')];
const as = (client: typeof one) => entra.asApplication('Order.ReadWrite.OwnedBy', { client });
const asManager = entra.asApplication('Order.ReadWrite.All');
const owned = { kind: 'owned', by: one.principal } as const;

beforeAll(async () => {
  // As it would be signed in. PGlite has one user, who owns the tables and is held by no policy.
  await pglite.exec('set session authorization orders_api');
  for (const client of [one, another])
    await request(app).post('/orders').set(as(client)).send({ title: client.name }).expect(201);
});

describe('the second wall', () => {
  test('lets pass what the first one does', async () => {
    const { body } = await request(app).get('/orders').set(as(one)).expect(200);
    expect(body).toMatchObject([{ title: 'one', owners: [one.principal.objectId] }]);
    expect((await request(app).get('/orders').set(asManager).expect(200)).body).toHaveLength(2);
  });

  test('shows nothing of others to a query that forgot the WHERE', async () => {
    await request(app)
      .get('/titles')
      .set(as(one))
      .expect(200, [{ title: 'one' }]);
    await request(app)
      .get('/titles')
      .set(as(another))
      .expect(200, [{ title: 'another' }]);
    await request(app)
      .get('/titles')
      .set(asManager)
      .expect(200, [{ title: 'one' }, { title: 'another' }]);
  });

  test('changes and deletes nothing of others without a WHERE', async () => {
    const deleted = await withinReach(database, owned, async (transaction) => {
      await transaction.updateTable('orders').set({ title: 'taken' }).execute();
      const rows = await transaction.deleteFrom('orders').returning('title').execute();
      await createStore(transaction).create('one', one.principal);
      return rows;
    });
    expect(deleted).toEqual([{ title: 'taken' }]);
    expect((await request(app).get('/titles').set(asManager)).body).toEqual([{ title: 'another' }, { title: 'one' }]);
  });

  test('takes no order that is not the own, and no change of owners', async () => {
    const create = withinReach(database, owned, (transaction) =>
      createStore(transaction).create('for another', another.principal),
    );
    await expect(create).rejects.toThrow(/row-level security/);
    const owners = [another.principal.objectId];
    const give = withinReach(database, owned, (transaction) =>
      transaction.updateTable('orders').set({ owners }).execute(),
    );
    await expect(give).rejects.toThrow(/permission denied/);
  });

  test('is an error where a query has no transaction of a role', async () => {
    await expect(database.selectFrom('orders').selectAll().execute()).rejects.toThrow(/permission denied/);
  });

  test('stands after the transaction: the next one is nobody', async () => {
    const rows = await database.transaction().execute(async (transaction) => {
      await sql`set local role orders_owned`.execute(transaction);
      return transaction.selectFrom('orders').selectAll().execute();
    });
    expect(rows).toEqual([]);
  });

  test('has no role for a reach that it does not know', async () => {
    const work = () => Promise.resolve('done');
    await expect(withinReach(database, { kind: 'within', filters: [] }, work)).rejects.toThrow(/'within'/);
  });
});
