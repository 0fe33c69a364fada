import type { Database } from './database.js';

/** People of the sample tenant; their mailboxes have their object ids. */
export const people = {
  ada: person('7e570000-0000-4000-8000-0000000000a1', 'Ada', 'Analyst'),
  grace: person('7e570000-0000-4000-8000-0000000000a2', 'Grace', 'Compiler engineer'),
  linus: person('7e570000-0000-4000-8000-0000000000a3', 'Linus', 'Maintainer'),
};

export const teams = [
  {
    id: '7e570000-0000-4000-8000-0000000000e1',
    displayName: 'Engines',
    channels: { General: 'The engine is running.', Plans: 'Card 42 is missing.' },
  },
  {
    id: '7e570000-0000-4000-8000-0000000000e2',
    displayName: 'Post room',
    channels: { General: 'Stamps are in the drawer.' },
  },
];

/** Adds the people, a welcome message for each, and the teams. What is there already stays as it is. */
export async function addSampleData(database: Database, tenantId: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const { objectId, name, mail, jobTitle } of Object.values(people)) {
      const added = await transaction
        .insertInto('users')
        .values({ object_id: objectId, display_name: name, mail, job_title: jobTitle })
        .onConflict((conflict) => conflict.doNothing())
        .returning('object_id')
        .executeTakeFirst();
      if (!added) {
        continue;
      }
      await transaction.insertInto('mailboxes').values({ id: objectId, address: mail, display_name: name }).execute();
      await transaction
        .insertInto('mailbox_owners')
        .values({ mailbox_id: objectId, tenant_id: tenantId, object_id: objectId })
        .execute();
      await transaction
        .insertInto('messages')
        .values({
          mailbox_id: objectId,
          sender: 'postmaster@mailroom.test',
          subject: `Welcome, ${name}`,
          body: 'Hello.',
        })
        .execute();
    }
    for (const { id, displayName, channels } of teams) {
      const added = await transaction
        .insertInto('teams')
        .values({ id, display_name: displayName })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      for (const [channel, body] of added ? Object.entries(channels) : []) {
        await transaction
          .insertInto('channel_messages')
          .values({ team_id: id, channel, sender: 'Grace', body })
          .execute();
      }
    }
  });
}

function person(objectId: string, name: string, jobTitle: string) {
  return { objectId, name, jobTitle, mail: `${name.toLowerCase()}@mailroom.test` };
}
