import express, { type Express } from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  definePermissions,
  type Principal,
  problemDetails,
  type Reach,
  record,
  recordScopes,
  type TestAuthority,
} from 'express-app-roles';
import {
  authorizationRoute,
  createAssignmentTables,
  kyselyAssignments,
  reachCondition,
  scopeRoutes,
  selectionRoutes,
} from 'express-app-roles/assignments';
import type { Kysely } from 'kysely';

// What docs/scoped-permissions.md shows is cut out of this file.

const text = { displayName: 'Do it', description: 'Lets the app do it.' };
export const permissions = definePermissions({
  'Mail.Send': { application: text },
  'Mail.Send.Selected': { application: text },
  'Mail.Send.All': { application: text },
  'Assignment.Read.All': { application: text },
  'Assignment.ReadWrite.All': { application: text },
});
const { application } = permissions;

export interface Tables {
  mailboxes: { id: string; department: string };
  mailbox_owners: { mailbox_id: string; tenant_id: string; object_id: string };
}
interface Mailbox {
  readonly id: string;
  readonly department: string;
  readonly owners: readonly Principal[];
}

export async function createApp(
  database: Kysely<Tables>,
  entra: TestAuthority & { tenant: string; clientId: string },
): Promise<Express> {
  const app = express();
  const { tenant, clientId } = entra;
  app.use(authenticate({ tenant, clientId, permissions, testAuthority: entra }));
  const findMailbox = async (id: string): Promise<Mailbox | undefined> => {
    const found = await database.selectFrom('mailboxes').where('id', '=', id).selectAll().executeTakeFirst();
    return found && { ...found, owners: [] };
  };

  await createAssignmentTables(database); // or assignmentMigration, for Kysely's Migrator
  const assignments = kyselyAssignments(database);

  const mailbox = record<Mailbox>({
    name: 'mailbox',
    find: findMailbox,
    owners: (m) => m.owners,
    notOwner: 'forbidden',
    selections: { roles: ['read', 'send'], key: (m) => m.id, rolesOf: assignments.rolesOf },
  });
  const mailboxScopes = recordScopes({
    record: mailbox,
    attributes: (m) => ({ department: m.department }),
    assignedTo: assignments.assignedTo,
  });

  const maySend = [
    application('Mail.Send').within(mailboxScopes),
    application('Mail.Send.Selected').selected(mailbox, 'send'),
    application('Mail.Send.All'),
  ] as const;
  app.post('/mailboxes/:id/messages', allow(...maySend), (_req, res) => {
    res.sendStatus(202);
  });
  app.get(
    '/mailboxes',
    allow(
      application('Mail.Send').withinOnly(mailboxScopes),
      application('Mail.Send.Selected').selectedOnly(mailbox, 'send'),
      application('Mail.Send.All'),
    ),
    (req, res, next) => {
      listMailboxes(mailbox.reach(req)).then((found) => res.json(found), next);
    },
  );

  const mailboxesIn = reachCondition<Tables, 'mailboxes'>({
    record: 'mailbox',
    table: 'mailboxes',
    key: 'id',
    keyType: 'uuid',
    owned: (by) =>
      database
        .selectFrom('mailbox_owners')
        .where('tenant_id', '=', by.tenantId)
        .where('object_id', '=', by.objectId)
        .select('mailbox_id'),
    attributes: { department: 'department' },
  });
  const listMailboxes = (reach: Reach) =>
    database.selectFrom('mailboxes').where(mailboxesIn(reach)).select('id').orderBy('id').limit(100).execute();

  app.use(express.json());
  const write = [application('Assignment.ReadWrite.All')] as const;
  const read = [application('Assignment.Read.All'), ...write] as const;
  selectionRoutes(app, '/mailboxes/:id/selections', { store: assignments, record: mailbox, read, write });
  scopeRoutes(app, '/mailbox-scopes', {
    store: assignments,
    scopes: mailboxScopes,
    attributes: ['department'],
    read,
    write,
  });
  authorizationRoute(app, '/mailboxes/:id/senders', { record: mailbox, grants: maySend, read });

  app.use(problemDetails());
  assertDeclared(app);
  return app;
}
