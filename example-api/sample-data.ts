import type { Database } from './database.js';
import { addSampleMailboxes } from './mailboxes/sample-data.js';
import { addSampleMessages } from './messages/sample-data.js';
import { addSampleTeams } from './teams/sample-data.js';
import { addSampleUsers } from './users/sample-data.js';

export { teams } from './teams/sample-data.js';
export { people } from './users/sample-data.js';

/** What is there already stays as it is. */
export async function addSampleData(database: Database, tenantId: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await addSampleUsers(transaction);
    await addSampleMailboxes(transaction, tenantId);
    await addSampleMessages(transaction);
    await addSampleTeams(transaction);
  });
}
