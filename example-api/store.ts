import type { Principal, Reach } from 'express-app-roles';
import { type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Database, Tables } from './database.js';
import { isGuid } from './input.js';

export interface Mailbox {
  readonly id: string;
  readonly address: string;
  readonly displayName: string;
  readonly forwardTo: string | null;
  readonly owners: readonly Principal[];
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

export type Store = ReturnType<typeof createStore>;

/**
 * All SQL of the API. What touches a mailbox takes the caller's reach and puts it into the statement itself: between the check of
 * a request and the write, an owner may have changed.
 */
export function createStore(database: Database) {
  const selectMailboxes = () =>
    database
      .selectFrom('mailboxes')
      .select((eb) => [
        'mailboxes.id',
        'mailboxes.address',
        'mailboxes.display_name as displayName',
        'mailboxes.forward_to as forwardTo',
        jsonArrayFrom(
          eb
            .selectFrom('mailbox_owners')
            .whereRef('mailbox_owners.mailbox_id', '=', 'mailboxes.id')
            .select(['tenant_id as tenantId', 'object_id as objectId']),
        ).as('owners'),
      ]);

  const user = (objectId: string) =>
    database
      .selectFrom('users')
      .where('object_id', '=', objectId)
      .select(['object_id as id', 'display_name as displayName', 'mail', 'job_title as jobTitle'])
      .executeTakeFirst();

  const userNames = () =>
    database
      .selectFrom('users')
      .orderBy('display_name')
      .select(['object_id as id', 'display_name as displayName'])
      .execute();

  const userProfiles = () =>
    database
      .selectFrom('users')
      .orderBy('display_name')
      .select(['object_id as id', 'display_name as displayName', 'mail', 'job_title as jobTitle'])
      .execute();

  /** Nothing where the id is no GUID: such a mailbox cannot exist, and PostgreSQL would refuse the comparison. */
  const mailbox = async (id: string): Promise<Mailbox | undefined> =>
    isGuid(id) ? selectMailboxes().where('mailboxes.id', '=', id).executeTakeFirst() : undefined;

  const mailboxes = (reach: Reach): Promise<Mailbox[]> =>
    selectMailboxes().where(within(reach)).orderBy('mailboxes.address').execute();

  /** The new mailbox and its owner appear together or not at all; `undefined` where the address is taken. */
  const createMailbox = (
    { address, displayName }: { address: string; displayName: string },
    owner: Principal,
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
      const { tenantId, objectId } = owner;
      await transaction
        .insertInto('mailbox_owners')
        .values({ mailbox_id: created.id, tenant_id: tenantId, object_id: objectId })
        .execute();
      return { id: created.id, address, displayName, forwardTo: null, owners: [{ tenantId, objectId }] };
    });

  /** Whether the mailbox was still there and within reach. */
  const updateMailbox = async (
    id: string,
    reach: Reach,
    changes: { displayName: string } | { forwardTo: string },
  ): Promise<boolean> => {
    const updated = await database
      .updateTable('mailboxes')
      .set('displayName' in changes ? { display_name: changes.displayName } : { forward_to: changes.forwardTo })
      .where('mailboxes.id', '=', id)
      .where(within(reach))
      .returning('mailboxes.id')
      .executeTakeFirst();
    return updated !== undefined;
  };

  /** Whether the mailbox was still there and within reach. */
  const deleteMailbox = async (id: string, reach: Reach): Promise<boolean> => {
    const deleted = await database
      .deleteFrom('mailboxes')
      .where('mailboxes.id', '=', id)
      .where(within(reach))
      .returning('mailboxes.id')
      .executeTakeFirst();
    return deleted !== undefined;
  };

  const addOwner = async (id: string, reach: Reach, owner: Principal): Promise<void> => {
    await database
      .insertInto('mailbox_owners')
      .columns(['mailbox_id', 'tenant_id', 'object_id'])
      .expression((eb) =>
        eb
          .selectFrom('mailboxes')
          .where('mailboxes.id', '=', id)
          .where(within(reach))
          .select([
            'mailboxes.id',
            sql<string>`${owner.tenantId}::uuid`.as('tenant_id'),
            sql<string>`${owner.objectId}::uuid`.as('object_id'),
          ])
          .forKeyShare(),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  };

  const mailboxIdAt = async (address: string): Promise<string | undefined> => {
    const found = await database.selectFrom('mailboxes').where('address', '=', address).select('id').executeTakeFirst();
    return found?.id;
  };

  const messages = (mailboxId: string, reach: Reach) =>
    database
      .selectFrom('messages')
      .innerJoin('mailboxes', 'mailboxes.id', 'messages.mailbox_id')
      .where('mailboxes.id', '=', mailboxId)
      .where(within(reach))
      .orderBy('messages.received_at', 'desc')
      .select([
        'messages.id',
        'messages.sender as from',
        'messages.subject',
        'messages.body',
        'messages.received_at as receivedAt',
      ])
      .execute();

  /**
   * Puts the mail into the recipient's mailbox, and into the one it forwards to, in one statement that also checks the sender's
   * owner. Whether it was delivered.
   */
  const deliver = async (from: string, reach: Reach, { to, subject, body }: Mail): Promise<boolean> => {
    const delivered = await database
      .insertInto('messages')
      .columns(['mailbox_id', 'sender', 'subject', 'body'])
      .expression((eb) =>
        eb
          .selectFrom(['mailboxes', 'mailboxes as recipient'])
          .where('mailboxes.id', '=', from)
          .where(within(reach))
          .where(({ or, eb: condition, selectFrom }) =>
            or([
              condition('recipient.address', '=', to),
              condition(
                'recipient.id',
                'in',
                selectFrom('mailboxes as forwarding')
                  .where('forwarding.address', '=', to)
                  .where('forwarding.forward_to', 'is not', null)
                  .select('forwarding.forward_to')
                  .$castTo<{ forward_to: string }>(),
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
  };

  const teams = () =>
    database.selectFrom('teams').orderBy('display_name').select(['id', 'display_name as displayName']).execute();

  const team = async (id: string) =>
    isGuid(id) ? database.selectFrom('teams').where('id', '=', id).select('id').executeTakeFirst() : undefined;

  const teamMessages = (teamId: string) =>
    database
      .selectFrom('channel_messages')
      .where('team_id', '=', teamId)
      .orderBy('channel')
      .select(['id', 'channel', 'sender as from', 'body'])
      .execute();

  return {
    user,
    userNames,
    userProfiles,
    mailbox,
    mailboxes,
    createMailbox,
    updateMailbox,
    deleteMailbox,
    addOwner,
    mailboxIdAt,
    messages,
    deliver,
    teams,
    team,
    teamMessages,
  };
}

/** A reach as a condition on `mailboxes`. */
function within(reach: Reach) {
  return (eb: ExpressionBuilder<Tables, 'mailboxes'>) => {
    if (reach.kind === 'all') {
      return eb.val<SqlBool>(true);
    }
    if (reach.kind !== 'tenant' && reach.kind !== 'owned') {
      return eb.val<SqlBool>(false);
    }
    const owned = eb
      .selectFrom('mailbox_owners')
      .whereRef('mailbox_owners.mailbox_id', '=', 'mailboxes.id')
      .select('mailbox_owners.mailbox_id');
    return eb.exists(
      reach.kind === 'tenant'
        ? owned.where('mailbox_owners.tenant_id', '=', reach.tenantId)
        : owned
            .where('mailbox_owners.tenant_id', '=', reach.by.tenantId)
            .where('mailbox_owners.object_id', '=', reach.by.objectId),
    );
  };
}
