import type { Database } from '../database.js';
import { people } from '../users/sample-data.js';
import type { MailboxTables } from './tables.js';

/** A mailbox for each of the people, who owns it. */
export async function addSampleMailboxes(opened: Database, tenantId: string): Promise<void> {
  const database = opened.withTables<MailboxTables>();
  for (const { objectId, name, mail, department } of Object.values(people)) {
    const added = await database
      .insertInto('mailboxes')
      .values({ id: objectId, address: mail, display_name: name, department })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added) {
      await database
        .insertInto('mailbox_owners')
        .values({ mailbox_id: objectId, tenant_id: tenantId, object_id: objectId })
        .execute();
    }
  }
}
