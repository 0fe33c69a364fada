import { startEmulator } from 'express-app-roles/emulator';
import { applicationToken, mailroomRegistration } from './local-entra.js';
import { people } from './sample-data.js';

/** What `cluster.ts` learns of its local Entra. */
export interface ClusterEntra {
  readonly origin: string;
  readonly tenantId: string;
  /** Of a script that was granted Mail.Read. */
  readonly token: string;
}

// A process of its own: all instances must be told of the same keys. It ends when the one that started it lets go of it.
process.env.NODE_ENV ??= 'development';
const clientId = '7e570000-0000-4000-8000-0000000000c1';
const secret = 'for local development only';

const entra = await startEmulator({
  directory: {
    applications: [
      mailroomRegistration,
      {
        displayName: 'Nightly script',
        clientId,
        secrets: [secret],
        appRoleAssignments: { 'Mailroom API': ['Mail.Read'] },
      },
    ],
    users: Object.values(people).map(({ name, objectId }) => ({ name, objectId })),
  },
});
const { origin, tenantId } = entra;
const token = await applicationToken(origin, tenantId, clientId, secret);
process.send?.({ origin, tenantId, token } satisfies ClusterEntra);

// Ctrl-C in a terminal is for the instances first.
process.on('SIGINT', () => {});
process.once('disconnect', () => void entra.close());
