import type { Reach } from 'express-app-roles';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from './orders-store.js';

/** Runs queries as the database role of a reach: it shows them nothing else, whatever their WHERE says. */
export function withinReach<T>(
  database: Kysely<Tables>,
  reach: Reach,
  work: (transaction: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  return database.transaction().execute(async (transaction) => {
    if (reach.kind === 'owned') {
      const { tenantId, objectId } = reach.by;
      // true: until the end of the transaction. The connection then goes back to the pool, and to other callers.
      await sql`select set_config('app.tenant_id', ${tenantId}, true)`.execute(transaction);
      await sql`select set_config('app.object_id', ${objectId}, true)`.execute(transaction);
      await sql`set local role orders_owned`.execute(transaction);
    } else if (reach.kind === 'all') {
      await sql`set local role orders_all`.execute(transaction);
    } else {
      throw new Error(`The database has no role for a reach of kind '${reach.kind}'.`);
    }
    return work(transaction);
  });
}
