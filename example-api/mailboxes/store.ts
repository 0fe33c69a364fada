import type { Principal, Reach } from 'express-app-roles';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Database } from '../database.js';
import { isGuid } from '../input.js';
import { createOwnerStore } from './owner-store.js';
import { mailboxesIn } from './reach.js';
import type { Mailbox } from './record.js';
import type { MailboxTables } from './tables.js';

export type MailboxStore = ReturnType<typeof createMailboxStore>;

/**
 * The SQL of mailboxes. What touches one takes the caller's reach and puts it into the statement itself: between the check of a
 * request and the write, an owner may have changed.
 */
export function createMailboxStore(opened: Database) {
  const database = opened.withTables<MailboxTables>();
  const isIn = mailboxesIn(opened);

  const selectMailboxes = () =>
    database
      .selectFrom('mailboxes')
      .select((eb) => [
        'mailboxes.id',
        'mailboxes.address',
        'mailboxes.display_name as displayName',
        'mailboxes.department',
        jsonArrayFrom(
          eb
            .selectFrom('mailbox_owners')
            .whereRef('mailbox_owners.mailbox_id', '=', 'mailboxes.id')
            .select(['tenant_id as tenantId', 'object_id as objectId']),
        ).as('owners'),
      ]);

  const isFound = (search = '') => sql<boolean>`strpos(lower(mailboxes.display_name), lower(${search})) > 0`;

  return {
    ...createOwnerStore(opened),

    /** Nothing where the id is no GUID: there can be no such mailbox, and PostgreSQL would refuse the comparison. */
    find: async (id: string): Promise<Mailbox | undefined> =>
      isGuid(id) ? selectMailboxes().where('mailboxes.id', '=', id).executeTakeFirst() : undefined,

    /** @param search a part of the display name */
    list: (reach: Reach, search?: string): Promise<Mailbox[]> =>
      selectMailboxes().where(isIn(reach)).where(isFound(search)).orderBy('mailboxes.address').execute(),

    count: (reach: Reach, search?: string): Promise<{ count: number }> =>
      database
        .selectFrom('mailboxes')
        .where(isIn(reach))
        .where(isFound(search))
        .select(sql<number>`count(*)::int`.as('count'))
        .executeTakeFirstOrThrow(),

    /** The mailbox and its owner appear together or not at all; `undefined` where the address is taken. */
    create: (
      { address, displayName }: { address: string; displayName: string },
      { tenantId, objectId }: Principal,
    ): Promise<Mailbox | undefined> =>
      database.transaction().execute(async (transaction) => {
        const created = await transaction
          .insertInto('mailboxes')
          .values({ address, display_name: displayName })
          .onConflict((conflict) => conflict.column('address').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!created) {
          return undefined;
        }
        await transaction
          .insertInto('mailbox_owners')
          .values({ mailbox_id: created.id, tenant_id: tenantId, object_id: objectId })
          .execute();
        return { id: created.id, address, displayName, department: null, owners: [{ tenantId, objectId }] };
      }),

    /** The ids of those that were there and in reach: of the others not a word. */
    update: async (
      ids: readonly string[],
      reach: Reach,
      { displayName, department }: { displayName?: string; department?: string },
    ): Promise<string[]> => {
      const updated = await database
        .updateTable('mailboxes')
        .set({
          ...(displayName !== undefined && { display_name: displayName }),
          ...(department !== undefined && { department }),
        })
        .where('mailboxes.id', 'in', ids)
        .where(isIn(reach))
        .returning('mailboxes.id')
        .execute();
      return updated.map(({ id }) => id);
    },

    /** Whether the mailbox was still there and in reach. */
    delete: async (id: string, reach: Reach): Promise<boolean> => {
      const deleted = await database
        .deleteFrom('mailboxes')
        .where('mailboxes.id', '=', id)
        .where(isIn(reach))
        .returning('mailboxes.id')
        .executeTakeFirst();
      return deleted !== undefined;
    },
  };
}
