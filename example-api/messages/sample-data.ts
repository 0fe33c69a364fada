import type { Database } from '../database.js';
import { people } from '../users/sample-data.js';
import type { MessageTables } from './tables.js';

/** A welcome message for each of the people. */
export async function addSampleMessages(database: Database): Promise<void> {
  const messages = Object.values(people).map(({ objectId, name }) => ({
    id: objectId,
    mailbox_id: objectId,
    sender: 'postmaster@mailroom.test',
    subject: `Welcome, ${name}`,
    body: 'Hello.',
  }));
  await database
    .withTables<MessageTables>()
    .insertInto('messages')
    .values(messages)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
