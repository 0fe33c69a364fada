import type { Principal, Reach } from 'express-app-roles';
import { reachCondition } from 'express-app-roles/assignments';
import { type Generated, type Kysely, sql } from 'kysely';

export interface Tables {
  orders: { id: Generated<string>; tenant_id: string; owners: string[]; title: string };
}

/** What touches orders takes the caller's reach, and has it in the statement itself: since the check, an owner may have changed. */
export function createStore(database: Kysely<Tables>) {
  const ordersIn = reachCondition<Tables, 'orders'>({
    record: 'order',
    table: 'orders',
    key: 'id',
    keyType: 'uuid',
    tenant: 'tenant_id',
    owned: ({ tenantId, objectId }) =>
      database
        .selectFrom('orders')
        .where('tenant_id', '=', tenantId)
        .where(sql<boolean>`owners @> array[${objectId}]::uuid[]`)
        .select('id'),
  });

  return {
    find: (id: string) => database.selectFrom('orders').where('id', '=', id).selectAll().executeTakeFirst(),

    list: (reach: Reach, search: string) =>
      database.selectFrom('orders').where(ordersIn(reach)).where('title', 'ilike', `%${search}%`).selectAll().execute(),

    count: (reach: Reach) =>
      database
        .selectFrom('orders')
        .where(ordersIn(reach))
        .select(sql<number>`count(*)::int`.as('count'))
        .executeTakeFirstOrThrow(),

    create: (title: string, { tenantId, objectId }: Principal) =>
      database
        .insertInto('orders')
        .values({ tenant_id: tenantId, owners: [objectId], title })
        .returningAll()
        .executeTakeFirstOrThrow(),

    /** Those of a batch that are in reach, and no word about the others. */
    rename: (ids: readonly string[], reach: Reach, title: string) =>
      database
        .updateTable('orders')
        .set({ title })
        .where('id', 'in', ids)
        .where(ordersIn(reach))
        .returning('id')
        .execute(),

    /** Instead of the owners that it has, in one statement: there is no moment without one. */
    setOwners: (id: string, reach: Reach, owners: readonly string[]) =>
      database
        .updateTable('orders')
        .set({ owners: [...owners] })
        .where('id', '=', id)
        .where(ordersIn(reach))
        .returning('id')
        .executeTakeFirst(),

    /** Undefined where it would be left without an owner. Of two owners who leave at once, one stays. */
    leave: (id: string, reach: Reach, { objectId }: Principal) =>
      database
        .updateTable('orders')
        .set({ owners: sql`array_remove(owners, ${objectId}::uuid)` })
        .where('id', '=', id)
        .where(ordersIn(reach))
        .where(sql<boolean>`cardinality(owners) > 1`)
        .returning('id')
        .executeTakeFirst(),
  };
}
