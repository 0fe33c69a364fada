import { randomBytes } from 'node:crypto';
import { startEmulator } from 'express-app-roles/emulator';
import { sql } from 'kysely';
import { createApp } from './app.js';
import { type Database, openDatabase } from './database.js';
import { applicationToken, mailroomRegistration } from './local-entra.js';
import { addSampleData, people } from './sample-data.js';
import { createStore } from './store.js';

/** The databases at hand: PGlite always, PostgreSQL where DATABASE_URL names one. */
export const databases: { name: string; url?: string }[] = [
  { name: 'PGlite' },
  ...(process.env.DATABASE_URL ? [{ name: 'PostgreSQL', url: process.env.DATABASE_URL }] : []),
];

const secret = 'for tests only';

/** The Mailroom API with sample data, its local Entra, and a client for every set of application permissions that is asked for. */
export async function startMailroom(clients: Readonly<Record<string, readonly string[]>>, url?: string) {
  const entra = await startEmulator({
    directory: {
      applications: [
        mailroomRegistration,
        { displayName: 'Portal' },
        ...Object.entries(clients).map(([displayName, roles]) => ({
          displayName,
          secrets: [secret],
          appRoleAssignments: { ...(roles.length > 0 && { 'Mailroom API': roles }) },
        })),
      ],
      users: Object.values(people).map(({ name, objectId }) => ({ name, objectId })),
    },
  });
  const { origin, tenantId, directory } = entra;
  // A schema of its own, so that suites can run side by side on one server.
  const schema = url === undefined ? undefined : `mailroom_${randomBytes(8).toString('hex')}`;
  const database = await openDatabase({ url, schema });
  await addSampleData(database, tenantId);
  const store = createStore(database);
  const { clientId } = mailroomRegistration;
  const app = createApp({ store, tenantId, clientId, testAuthority: origin });

  const clientCalled = (name: string) => {
    const { clientId, objectId } = directory.servicePrincipals.named(name, tenantId);
    return { clientId, servicePrincipalId: objectId };
  };

  return {
    app,
    entra,
    database,
    store,
    secret,
    clientCalled,
    /** The Authorization header of a client as itself. */
    as: async (name: string) =>
      `Bearer ${await applicationToken(origin, tenantId, clientCalled(name).clientId, secret)}`,
    /** The Authorization header of a user through the portal. */
    asUser: (user: string, scopes: readonly string[], userRoles: readonly string[] = []) =>
      `Bearer ${entra.userToken({ user, client: 'Portal', resource: 'Mailroom API', scopes, userRoles })}`,
    async stop() {
      await dropSchema(database, schema);
      await database.destroy();
      await entra.close();
    },
  };
}

export type Mailroom = Awaited<ReturnType<typeof startMailroom>>;

async function dropSchema(database: Database, schema: string | undefined): Promise<void> {
  if (schema !== undefined) {
    await sql`drop schema ${sql.id(schema)} cascade`.execute(database);
  }
}
