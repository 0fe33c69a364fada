import { record } from 'express-app-roles';
import type { Mailbox, Store } from './store.js';

/** What the routes of one mailbox touch. A person's mailbox has the person's object id, and the person as its owner. */
export const mailboxRecord = (store: Store) =>
  record<Mailbox>({
    name: 'mailbox',
    param: 'id',
    find: (id) => store.mailbox(id),
    owners: (mailbox) => mailbox.owners,
    notOwner: 'forbidden',
  });

export type MailboxRecord = ReturnType<typeof mailboxRecord>;
