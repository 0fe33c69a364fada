import express from 'express';
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
} from 'express-app-roles';
import {
  assignmentMigration,
  authorizationRoute,
  createAssignmentTables,
  filterInReach,
  kyselyAssignments,
  memoryAssignments,
  reachCondition,
  scopeRoutes,
  selectionRoutes,
} from 'express-app-roles/assignments';
import { createTestEntra } from 'express-app-roles/testing';
import { type Kysely, Migrator, sql } from 'kysely';
import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../assignments/databases.js';

const text = { displayName: 'Do it', description: 'Lets the app do it.' };
const permissions = definePermissions({
  'Mail.Send': { application: text },
  'Mailbox.Read': { application: text },
  'Selection.Read.All': { application: text },
  'Selection.ReadWrite.All': { application: text },
  'Scope.Read.All': { application: text },
  'Scope.ReadWrite.All': { application: text },
});
const { application } = permissions;
const entra = createTestEntra({ permissions });

interface Mailbox {
  readonly id: string;
  readonly department: string;
  readonly owners: readonly Principal[];
}
interface Tables {
  mailboxes: { id: string; tenant_id: string; department: string };
  mailbox_owners: { mailbox_id: string; tenant_id: string; object_id: string };
}

const sales: Mailbox = { id: 'c0ffee00-0000-4000-8000-000000000001', department: 'sales', owners: [] };
const mailboxes = new Map([[sales.id, sales]]);

function app() {
  const assignments = memoryAssignments();
  const mailbox = record<Mailbox>({
    name: 'mailbox',
    find: (id) => mailboxes.get(id),
    owners: (m) => m.owners,
    notOwner: 'forbidden',
    selections: { roles: ['read', 'send'], key: (m) => m.id, rolesOf: assignments.rolesOf },
  });
  const mailboxScopes = recordScopes({
    record: mailbox,
    attributes: (m) => ({ department: m.department }),
    assignedTo: assignments.assignedTo,
  });
  const maySend = [application('Mail.Send').within(mailboxScopes)] as const;
  const app = express();
  app.use(express.json());
  app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
  selectionRoutes(app, '/mailboxes/:id/selections', {
    store: assignments,
    record: mailbox,
    read: [application('Selection.Read.All'), application('Selection.ReadWrite.All')],
    write: [application('Selection.ReadWrite.All')],
  });
  scopeRoutes(app, '/mailbox-scopes', {
    store: assignments,
    scopes: mailboxScopes,
    attributes: ['department'],
    read: [application('Scope.Read.All'), application('Scope.ReadWrite.All')],
    write: [application('Scope.ReadWrite.All')],
  });
  authorizationRoute(app, '/mailboxes/:id/senders', {
    record: mailbox,
    grants: maySend,
    read: [application('Scope.Read.All')],
  });
  app.get('/mailboxes', allow(application('Mailbox.Read').selectedOnly(mailbox, 'read')), async (req, res) => {
    const found = await filterInReach(mailbox.reach(req), [...mailboxes.values()], { record: mailbox });
    res.json(found);
  });
  app.use(problemDetails());
  assertDeclared(app);
  return { app, assignments };
}

it('selectionRoutes, scopeRoutes, authorizationRoute, filterInReach', async () => {
  const { app: api } = app();
  const reader = entra.client('reader');
  const { objectId } = reader.principal;
  const list = () =>
    request(api)
      .get('/mailboxes')
      .set(entra.asApplication('Mailbox.Read', { client: reader }));
  expect((await list()).body).toEqual([]);
  await request(api)
    .put(`/mailboxes/${sales.id}/selections/${objectId}`)
    .set(entra.asApplication('Selection.ReadWrite.All'))
    .send({ roles: ['read'] })
    .expect(201);
  expect((await list()).body).toEqual([sales]);
  await request(api)
    .put('/mailbox-scopes/sales')
    .set(entra.asApplication('Scope.ReadWrite.All'))
    .send({ filter: { department: 'sales' } })
    .expect(201);
  const asked = await request(api)
    .get(`/mailboxes/${sales.id}/senders/${objectId}`)
    .set(entra.asApplication('Scope.Read.All'));
  expect(asked.body.isAuthorized).toBe(false);
});

let opened: Awaited<ReturnType<typeof openDatabase<Tables>>>;
let database: Kysely<Tables>;
beforeAll(async () => {
  opened = await openDatabase<Tables>();
  database = opened.database;
});
afterAll(() => opened.close());

it('assignmentMigration, createAssignmentTables, kyselyAssignments, reachCondition', async () => {
  const migrations = { '2025-06-01-assignments': assignmentMigration };
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
  await createAssignmentTables(database);
  const assignments = kyselyAssignments(database);

  await sql`create table mailboxes (id uuid primary key, tenant_id uuid, department text)`.execute(database);
  await sql`create table mailbox_owners (mailbox_id uuid, tenant_id uuid, object_id uuid)`.execute(database);
  await database
    .insertInto('mailboxes')
    .values({ id: sales.id, tenant_id: entra.tenant, department: 'sales' })
    .execute();
  const mailboxesIn = reachCondition<Tables, 'mailboxes'>({
    record: 'mailbox',
    table: 'mailboxes',
    key: 'id',
    keyType: 'uuid',
    tenant: 'tenant_id',
    owned: (by) =>
      database
        .selectFrom('mailbox_owners')
        .where('tenant_id', '=', by.tenantId)
        .where('object_id', '=', by.objectId)
        .select('mailbox_id'),
    attributes: { department: 'department' },
  });
  const list = (reach: Reach) => database.selectFrom('mailboxes').where(mailboxesIn(reach)).select('id').execute();

  const by = entra.client('reader').principal;
  const selected: Reach = { kind: 'selected', record: 'mailbox', by, role: 'read' };
  expect(await list(selected)).toEqual([]);
  await assignments.putSelection({ record: 'mailbox', key: sales.id, client: by, roles: ['read'] });
  expect(await list(selected)).toEqual([{ id: sales.id }]);
});
