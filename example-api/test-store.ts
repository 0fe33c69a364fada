import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { openDatabase } from './database.js';
import { createStore } from './records.js';
import { addSampleData } from './sample-data.js';

/** The databases at hand: PGlite always, PostgreSQL where DATABASE_URL names one. */
export const databases: { name: string; url?: string }[] = [
  { name: 'PGlite' },
  ...(process.env.DATABASE_URL ? [{ name: 'PostgreSQL', url: process.env.DATABASE_URL }] : []),
];

/** A store with sample data; on a server in a schema of its own, so that suites can run side by side. */
export async function openTestStore(tenantId: string, url?: string) {
  const schema = url === undefined ? undefined : `mailroom_${randomBytes(8).toString('hex')}`;
  const database = await openDatabase({ url, schema });
  await addSampleData(database, tenantId);
  return {
    database,
    schema,
    store: createStore(database),
    async close() {
      if (schema !== undefined) {
        await sql`drop schema ${sql.id(schema)} cascade`.execute(database);
      }
      await database.destroy();
    },
  };
}
