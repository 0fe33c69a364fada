import type { Express } from 'express';
import { kyselyAssignments } from 'express-app-roles/assignments';
import { controllers } from 'express-app-roles/decorators';
import { sql } from 'kysely';
import type { Database } from './database.js';
import { mailboxRoutes } from './mailboxes/routes.js';
import { createMailboxStore } from './mailboxes/store.js';
import { mailboxTables } from './mailboxes/tables.js';
import { messageRoutes } from './messages/routes.js';
import { createMessageStore } from './messages/store.js';
import { messageTables } from './messages/tables.js';
import { createTeamStore } from './teams/store.js';
import { teamTables } from './teams/tables.js';
import { Teams } from './teams/teams.js';
import { userRoutes } from './users/routes.js';
import { createUserStore } from './users/store.js';
import { userTables } from './users/tables.js';

/** What this API holds: each kind of record is a folder. Tables are created in this order. */
export const tables = {
  users: userTables,
  mailboxes: mailboxTables,
  messages: messageTables,
  teams: teamTables,
};

export function createStore(database: Database) {
  return {
    users: createUserStore(database),
    mailboxes: createMailboxStore(database),
    messages: createMessageStore(database),
    teams: createTeamStore(database),
    assignments: kyselyAssignments(database),
    /** Rejects while the database cannot be asked. */
    ping: () => sql`select 1`.execute(database),
  };
}

export type Store = ReturnType<typeof createStore>;

export function recordRoutes(app: Express, store: Store): void {
  userRoutes(app, store.users);
  mailboxRoutes(app, store.mailboxes);
  messageRoutes(app, store);
  controllers(app, new Teams(store.teams));
}
