import { application, delegated } from '../permissions.js';
import type { MailboxRecord } from './record.js';

/** A user and a client own alike: whoever created a mailbox, or was made an owner of it. On one of them, and on lists. */
export const mailboxGrants = (mailbox: MailboxRecord) => ({
  onOne: [
    delegated('Mailbox.ReadWrite').owned(mailbox),
    application('Mailbox.ReadWrite.OwnedBy').owned(mailbox),
    application('Mailbox.ReadWrite.All'),
  ] as const,
  onMany: [
    delegated('Mailbox.ReadWrite').ownedOnly(mailbox),
    application('Mailbox.ReadWrite.OwnedBy').ownedOnly(mailbox),
    application('Mailbox.ReadWrite.All'),
  ] as const,
});
