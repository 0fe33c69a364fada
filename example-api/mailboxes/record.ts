import { type Principal, record } from 'express-app-roles';
import type { MailboxStore } from './store.js';

export interface Mailbox {
  readonly id: string;
  readonly address: string;
  readonly displayName: string;
  readonly department: string | null;
  /** Users and service principals. There is always one. */
  readonly owners: readonly Principal[];
}

/** What the routes of one mailbox touch. */
export const mailboxRecord = (store: Pick<MailboxStore, 'find'>) =>
  record<Mailbox>({
    name: 'mailbox',
    find: (id) => store.find(id),
    owners: (mailbox) => mailbox.owners,
    notOwner: 'forbidden',
  });

export type MailboxRecord = ReturnType<typeof mailboxRecord>;
