import { record, recordScopes } from 'express-app-roles';
import type { AssignmentStore } from 'express-app-roles/assignments';
import type { Mailbox } from '../mailboxes/record.js';
import type { MailboxStore } from '../mailboxes/store.js';

/** A mailbox as something to send from: whoever owns it may, and clients that were granted the role on it. */
export const senderRecord = (store: Pick<MailboxStore, 'find'>, { rolesOf }: Pick<AssignmentStore, 'rolesOf'>) =>
  record<Mailbox>({
    name: 'mailbox',
    find: (id) => store.find(id),
    owners: (mailbox) => mailbox.owners,
    notOwner: 'forbidden',
    selections: { roles: ['send'], key: (mailbox) => mailbox.id, rolesOf },
  });

export type SenderRecord = ReturnType<typeof senderRecord>;

/** Mailboxes by department, such as "those of sales": administrators assign clients to them. */
export const senderScopes = (sender: SenderRecord, { assignedTo }: Pick<AssignmentStore, 'assignedTo'>) =>
  recordScopes({ record: sender, attributes: ({ department }) => ({ department }), assignedTo });
