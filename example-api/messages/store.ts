import type { Reach } from 'express-app-roles';
import { sql } from 'kysely';
import type { Database } from '../database.js';
import { mailboxesIn } from '../mailboxes/reach.js';
import type { MailboxTables } from '../mailboxes/tables.js';
import type { MessageTables } from './tables.js';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

export type MessageStore = ReturnType<typeof createMessageStore>;

/** The SQL of mail. As with mailboxes, the caller's reach is a part of each statement. */
export function createMessageStore(opened: Database) {
  const database = opened.withTables<MailboxTables & MessageTables>();
  const isIn = mailboxesIn(opened);

  return {
    mailboxIdAt: async (address: string): Promise<string | undefined> => {
      const found = await database
        .selectFrom('mailboxes')
        .where('address', '=', address)
        .select('id')
        .executeTakeFirst();
      return found?.id;
    },

    /** Mailboxes to send from. */
    senders: (reach: Reach) =>
      database
        .selectFrom('mailboxes')
        .where(isIn(reach))
        .orderBy('mailboxes.address')
        .select(['mailboxes.id', 'mailboxes.address'])
        .execute(),

    messages: (mailboxId: string, reach: Reach) =>
      database
        .selectFrom('messages')
        .innerJoin('mailboxes', 'mailboxes.id', 'messages.mailbox_id')
        .where('mailboxes.id', '=', mailboxId)
        .where(isIn(reach))
        .orderBy('messages.received_at', 'desc')
        .select([
          'messages.id',
          'messages.sender as from',
          'messages.subject',
          'messages.body',
          'messages.received_at as receivedAt',
        ])
        .execute(),

    /**
     * Puts the mail into the recipient's mailbox, and into the one it forwards to, in one statement that also checks what the
     * sender may. Whether it was delivered.
     */
    deliver: async (from: string, reach: Reach, { to, subject, body }: Mail): Promise<boolean> => {
      const delivered = await database
        .insertInto('messages')
        .columns(['mailbox_id', 'sender', 'subject', 'body'])
        .expression((eb) =>
          eb
            .selectFrom(['mailboxes', 'mailboxes as recipient'])
            .where('mailboxes.id', '=', from)
            .where(isIn(reach))
            .where(({ or, eb: condition, selectFrom }) =>
              or([
                condition('recipient.address', '=', to),
                condition(
                  'recipient.id',
                  'in',
                  selectFrom('forwardings')
                    .innerJoin('mailboxes as forwarding', 'forwarding.id', 'forwardings.mailbox_id')
                    .where('forwarding.address', '=', to)
                    .select('forwardings.to_mailbox_id'),
                ),
              ]),
            )
            .select([
              'recipient.id',
              'mailboxes.address',
              sql<string>`${subject}::text`.as('subject'),
              sql<string>`${body}::text`.as('body'),
            ])
            .forKeyShare(),
        )
        .returning('messages.id')
        .execute();
      return delivered.length > 0;
    },

    /** Whether the mailbox was still there and in reach. */
    forward: async (id: string, reach: Reach, toMailboxId: string): Promise<boolean> => {
      const forwarded = await database
        .insertInto('forwardings')
        .columns(['mailbox_id', 'to_mailbox_id'])
        .expression((eb) =>
          eb
            .selectFrom('mailboxes')
            .where('mailboxes.id', '=', id)
            .where(isIn(reach))
            .select(['mailboxes.id', sql<string>`${toMailboxId}::uuid`.as('to_mailbox_id')])
            .forKeyShare(),
        )
        .onConflict((conflict) =>
          conflict.column('mailbox_id').doUpdateSet((eb) => ({ to_mailbox_id: eb.ref('excluded.to_mailbox_id') })),
        )
        .returning('mailbox_id')
        .executeTakeFirst();
      return forwarded !== undefined;
    },
  };
}
