import type { Principal, Reach } from 'express-app-roles';
import type { Transaction } from 'kysely';
import type { Database } from '../database.js';
import { mailboxesIn } from './reach.js';
import type { MailboxTables } from './tables.js';

/**
 * Who owns a mailbox. Each change locks the mailbox first and then looks at its owners: of two who leave at once, one stays.
 */
export function createOwnerStore(opened: Database) {
  const database = opened.withTables<MailboxTables>();
  const isIn = mailboxesIn(opened);

  const change = <Outcome>(
    id: string,
    reach: Reach,
    write: (transaction: Transaction<MailboxTables>) => Promise<Outcome>,
  ): Promise<Outcome | 'absent'> =>
    database.transaction().execute(async (transaction) => {
      const locked = await transaction
        .selectFrom('mailboxes')
        .where('mailboxes.id', '=', id)
        .where(isIn(reach))
        .select('mailboxes.id')
        .forUpdate()
        .executeTakeFirst();
      return locked ? write(transaction) : 'absent';
    });

  const insert = (transaction: Transaction<MailboxTables>, id: string, owners: readonly Principal[]) =>
    transaction
      .insertInto('mailbox_owners')
      .values(owners.map(({ tenantId, objectId }) => ({ mailbox_id: id, tenant_id: tenantId, object_id: objectId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();

  return {
    addOwner: (id: string, reach: Reach, owner: Principal) =>
      change(id, reach, async (transaction) => {
        await insert(transaction, id, [owner]);
        return 'done' as const;
      }),

    /** Instead of the owners that it has. */
    setOwners: (id: string, reach: Reach, owners: readonly Principal[]) =>
      change(id, reach, async (transaction) => {
        await transaction.deleteFrom('mailbox_owners').where('mailbox_id', '=', id).execute();
        await insert(transaction, id, owners);
        return 'done' as const;
      }),

    removeOwner: (id: string, reach: Reach, { tenantId, objectId }: Principal) =>
      change(id, reach, async (transaction) => {
        const owners = await transaction
          .selectFrom('mailbox_owners')
          .where('mailbox_id', '=', id)
          .select(['tenant_id', 'object_id'])
          .execute();
        if (!owners.some((owner) => owner.tenant_id === tenantId && owner.object_id === objectId)) {
          return 'not-an-owner' as const;
        }
        if (owners.length === 1) {
          return 'last' as const;
        }
        await transaction
          .deleteFrom('mailbox_owners')
          .where('mailbox_id', '=', id)
          .where('tenant_id', '=', tenantId)
          .where('object_id', '=', objectId)
          .execute();
        return 'done' as const;
      }),
  };
}
