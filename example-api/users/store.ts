import type { Database } from '../database.js';
import type { UserTables } from './tables.js';

export type UserStore = ReturnType<typeof createUserStore>;

export function createUserStore(opened: Database) {
  const database = opened.withTables<UserTables>();
  const profiles = () =>
    database
      .selectFrom('users')
      .orderBy('display_name')
      .select(['object_id as id', 'display_name as displayName', 'mail', 'job_title as jobTitle']);

  return {
    profile: (objectId: string) => profiles().where('object_id', '=', objectId).executeTakeFirst(),

    profiles: () => profiles().execute(),

    names: () =>
      database
        .selectFrom('users')
        .orderBy('display_name')
        .select(['object_id as id', 'display_name as displayName'])
        .execute(),
  };
}
