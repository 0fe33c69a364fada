import type { Database } from '../database.js';
import type { UserTables } from './tables.js';

/** People of the sample tenant; their mailboxes have their object ids. */
export const people = {
  ada: person('7e570000-0000-4000-8000-0000000000a1', 'Ada', 'Analyst', 'research'),
  grace: person('7e570000-0000-4000-8000-0000000000a2', 'Grace', 'Compiler engineer', 'tools'),
  linus: person('7e570000-0000-4000-8000-0000000000a3', 'Linus', 'Maintainer', 'tools'),
};

export async function addSampleUsers(database: Database): Promise<void> {
  const users = Object.values(people).map(({ objectId, name, mail, jobTitle }) => ({
    object_id: objectId,
    display_name: name,
    mail,
    job_title: jobTitle,
  }));
  await database
    .withTables<UserTables>()
    .insertInto('users')
    .values(users)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function person(objectId: string, name: string, jobTitle: string, department: string) {
  return { objectId, name, jobTitle, department, mail: `${name.toLowerCase()}@mailroom.test` };
}
