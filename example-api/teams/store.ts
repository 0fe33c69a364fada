import type { Database } from '../database.js';
import { isGuid } from '../input.js';
import type { TeamTables } from './tables.js';

export type TeamStore = ReturnType<typeof createTeamStore>;

export function createTeamStore(opened: Database) {
  const database = opened.withTables<TeamTables>();

  return {
    list: () =>
      database.selectFrom('teams').orderBy('display_name').select(['id', 'display_name as displayName']).execute(),

    find: async (id: string) =>
      isGuid(id) ? database.selectFrom('teams').where('id', '=', id).select('id').executeTakeFirst() : undefined,

    messages: (teamId: string) =>
      database
        .selectFrom('channel_messages')
        .where('team_id', '=', teamId)
        .orderBy('channel')
        .select(['id', 'channel', 'sender as from', 'body'])
        .execute(),
  };
}
