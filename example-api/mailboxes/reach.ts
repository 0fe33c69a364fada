import { reachCondition } from 'express-app-roles/assignments';
import type { Database } from '../database.js';
import type { MailboxTables } from './tables.js';

/** Which mailboxes a request may touch, as a condition of queries on `mailboxes`. */
export const mailboxesIn = (database: Database) =>
  reachCondition<MailboxTables, 'mailboxes'>({
    record: 'mailbox',
    table: 'mailboxes',
    key: 'id',
    keyType: 'uuid',
    owned: ({ tenantId, objectId }) =>
      database
        .withTables<MailboxTables>()
        .selectFrom('mailbox_owners')
        .where('tenant_id', '=', tenantId)
        .where('object_id', '=', objectId)
        .select('mailbox_id'),
    attributes: { department: 'department' },
  });
