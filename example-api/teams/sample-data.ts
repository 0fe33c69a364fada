import type { Database } from '../database.js';
import type { TeamTables } from './tables.js';

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

export async function addSampleTeams(opened: Database): Promise<void> {
  const database = opened.withTables<TeamTables>();
  for (const { id, displayName, channels } of teams) {
    const added = await database
      .insertInto('teams')
      .values({ id, display_name: displayName })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    for (const [channel, body] of added ? Object.entries(channels) : []) {
      await database.insertInto('channel_messages').values({ team_id: id, channel, sender: 'Grace', body }).execute();
    }
  }
}
