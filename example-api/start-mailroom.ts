import { startEmulator } from 'express-app-roles/emulator';
import { createApp } from './app.js';
import { applicationToken, mailroomRegistration } from './local-entra.js';
import { people } from './sample-data.js';
import { openTestStore } from './test-store.js';

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
  const { database, store, close } = await openTestStore(tenantId, url);
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
      await close();
      await entra.close();
    },
  };
}

export type Mailroom = Awaited<ReturnType<typeof startMailroom>>;
