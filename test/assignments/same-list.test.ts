import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import {
  type ApplicationPermission,
  allow,
  assertDeclared,
  authenticate,
  definePermissions,
  type Grant,
  type Principal,
  problemDetails,
  type Reach,
  record,
  recordScopes,
} from 'express-app-roles';
import {
  type AssignmentStore,
  createAssignmentTables,
  filterInReach,
  kyselyAssignments,
  memoryAssignments,
  reachCondition,
} from 'express-app-roles/assignments';
import { createTestEntra } from 'express-app-roles/testing';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases, openDatabase } from './databases.js';

const texts: ApplicationPermission = { displayName: 'Do it', description: 'Lets the app do it.' };
const both = { application: texts, delegated: { ...texts, consent: 'admin' as const } };
const names = ['P', 'Q', 'R'] as const;
const permissions = definePermissions({ P: both, Q: both, R: both });
const roles = ['read', 'send'] as const;

const tenant = '7e570000-0000-4000-8000-00000000000a';
const entra = createTestEntra({ tenant, permissions });
const tenants = [tenant, entra.otherTenant] as const;
const objects = ['5b000000-0000-4000-8000-00000000000a', '5b000000-0000-4000-8000-00000000000b'] as const;

interface Thing {
  readonly id: string;
  readonly tenantId: string;
  readonly department: string | null;
  readonly floor: string | null;
  readonly owners: readonly Principal[];
}

interface Tables {
  things: { id: string; tenant_id: string; department: string | null; floor_number: string | null };
  thing_owners: { thing_id: string; tenant_id: string; object_id: string };
}

const thingsOf = (database: Kysely<Tables>) =>
  reachCondition<Tables, 'things'>({
    record: 'thing',
    table: 'things',
    key: 'id',
    keyType: 'uuid',
    tenant: 'tenant_id',
    owned: (by) =>
      database
        .selectFrom('thing_owners')
        .where('tenant_id', '=', by.tenantId)
        .where('object_id', '=', by.objectId)
        .select('thing_id'),
    attributes: { department: 'department', floor: 'floor_number' },
  });

const tenantId = fc.constantFrom(...tenants);
/** Few, and one of them most of the time, so that what is stored is often about the one who asks. */
const principal = fc.record({
  tenantId: fc.constantFrom(...tenants, tenant),
  objectId: fc.constantFrom(...objects, objects[0], objects[0]),
});
const anyCase = principal.chain((each) =>
  fc.constantFrom(each, { tenantId: each.tenantId.toUpperCase(), objectId: each.objectId.toUpperCase() }),
);
const departments = ['sales', 'Sales', 'law', ''] as const;
const floors = ['1', '2'] as const;
const someOf = <T extends string>(values: readonly T[]) =>
  fc.oneof(fc.constantFrom(...values), fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 }));

const things: fc.Arbitrary<Thing[]> = fc
  .array(
    fc.record({
      tenantId,
      department: fc.constantFrom(...departments, null),
      floor: fc.constantFrom(...floors, null),
      owners: fc.uniqueArray(anyCase, { maxLength: 2, selector: (each) => JSON.stringify(each).toLowerCase() }),
    }),
    { minLength: 2, maxLength: 7 },
  )
  .map((each) => each.map((thing, index) => ({ ...thing, id: `10000000-0000-4000-8000-00000000000${index}` })));

const stored = fc.record({
  selections: fc.array(
    fc.record({
      index: fc.nat(6),
      client: principal,
      roles: fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  scopes: fc.array(
    fc.record({
      tenantId,
      name: fc.constantFrom('one', 'two', 'three'),
      filter: fc.oneof(
        fc.record({ department: someOf(departments) }),
        fc.record({ floor: someOf(floors) }),
        fc.record({ department: someOf(departments), floor: someOf(floors) }),
      ),
    }),
    { maxLength: 5 },
  ),
  assignments: fc.array(
    fc.record({
      scope: fc.constantFrom('one', 'two', 'three'),
      client: principal,
      permission: fc.constantFrom(...names),
    }),
    { maxLength: 8 },
  ),
});

/** A grant, told apart from the code that makes it: for a list, and for one of its items. */
interface Recipe {
  readonly kind: 'application' | 'delegated';
  readonly narrowing: 'none' | 'owned' | 'selected' | 'within';
  readonly role: (typeof roles)[number];
  readonly everyTenant: boolean;
}
const recipe: fc.Arbitrary<Recipe> = fc
  .record({
    kind: fc.constantFrom('application' as const, 'application' as const, 'delegated' as const),
    narrowing: fc.constantFrom('none' as const, 'owned' as const, 'selected' as const, 'within' as const),
    role: fc.constantFrom(...roles),
    everyTenant: fc.boolean(),
  })
  .map((each) => (each.kind === 'delegated' ? { ...each, narrowing: 'owned' } : each));
/** Several `allow`, of several grants each, no two of the same permission. */
const routes = fc
  .array(fc.dictionary(fc.constantFrom(...names), recipe, { minKeys: 1, maxKeys: 3, noNullPrototype: true }), {
    minLength: 1,
    maxLength: 2,
  })
  .filter(isDeclarable);

/** Nobody can declare a permission that is unlimited in one place and within scopes in another. */
function isDeclarable(routes: readonly Record<string, Recipe>[]): boolean {
  const uses = (name: string) => new Set(routes.map((grants) => grants[name]?.narrowing));
  return names.every((name) => !uses(name).has('none') || !uses(name).has('within'));
}

const caller = fc.record({
  kind: fc.constantFrom('application' as const, 'application' as const, 'application' as const, 'delegated' as const),
  principal,
  held: fc.uniqueArray(fc.constantFrom(...names), { minLength: 2 }),
  severalTenants: fc.boolean(),
});

type Case = {
  things: Thing[];
  stored: typeof stored extends fc.Arbitrary<infer S> ? S : never;
  routes: Record<string, Recipe>[];
};

async function fill(store: AssignmentStore, { things, stored }: Case): Promise<void> {
  for (const { index, ...rest } of stored.selections) {
    const key = things[index % things.length]?.id;
    if (key !== undefined) await store.putSelection({ record: 'thing', key, ...rest });
  }
  for (const each of stored.scopes) await store.putScope({ record: 'thing', ...each });
  for (const each of stored.assignments)
    await store.assign({ record: 'thing', reason: undefined, createdBy: each.client, ...each });
}

/** An API whose list comes from `list`, and whose items are decided one by one. */
function apiOf(
  { things, routes }: Case,
  severalTenants: boolean,
  store: AssignmentStore,
  list: (reach: Reach, kind: Kinds) => Promise<readonly { id: string }[]>,
): Express {
  const kinds = kindsOf(things, store);
  const { thing } = kinds;
  const app = express();
  app.use(
    authenticate({
      ...(severalTenants ? { tenants: [...tenants] } : { tenant }),
      clientId: entra.clientId,
      permissions,
      testAuthority: entra,
    }),
  );
  const allows = (suffix: '' | 'Only') =>
    routes.map((grants) => allow(...(cookAll(grants, kinds, suffix) as [Grant, ...Grant[]])));
  app.get('/things', ...allows('Only'), (req, res, next) => {
    list(thing.reach(req), kinds).then((found) => res.json(found.map(({ id }) => id).sort()), next);
  });
  app.get('/things/:id', ...allows(''), (req, res, next) => {
    thing.load(req).then(({ id }) => res.json(id), next);
  });
  app.use(problemDetails());
  assertDeclared(app);
  return app;
}

type Kinds = ReturnType<typeof kindsOf>;
function kindsOf(things: readonly Thing[], { rolesOf, assignedTo }: AssignmentStore) {
  const thing = record<Thing>({
    name: 'thing',
    find: (id) => things.find((each) => each.id === id),
    owners: ({ owners }) => owners,
    tenant: ({ tenantId }) => tenantId,
    notOwner: 'forbidden',
    selections: { roles, key: ({ id }) => id, rolesOf },
  });
  const scopes = recordScopes({
    record: thing,
    attributes: ({ department, floor }) => ({ department, floor }),
    assignedTo,
  });
  return { thing, scopes };
}

function cookAll(grants: Record<string, Recipe>, { thing, scopes }: Kinds, suffix: '' | 'Only'): Grant[] {
  return Object.entries(grants).map(([name, { kind, narrowing, role, everyTenant }]) => {
    // biome-ignore lint/suspicious/noExplicitAny: the steps depend on what was drawn.
    let grant: any = kind === 'application' ? permissions.application(name as 'P') : permissions.delegated(name as 'P');
    if (narrowing === 'owned') grant = grant[`owned${suffix}`](thing);
    if (narrowing === 'selected') grant = grant[`selected${suffix}`](thing, role);
    if (narrowing === 'within') grant = grant[`within${suffix}`](scopes);
    return everyTenant ? grant.acrossTenants() : grant;
  });
}

let app: Express;
const server = createServer((req, res) => app(req, res)).listen(0, '127.0.0.1');
beforeAll(() => (server.listening ? undefined : once(server, 'listening')));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(path: string, headers: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

/** The list, and what of all things is open one by one; undefined where the caller lacks what the list demands. */
async function listAndItems(things: readonly Thing[], headers: Record<string, string>) {
  const list = await ask('/things', headers);
  const items: string[] = [];
  for (const { id } of things) {
    const { status } = await ask(`/things/${id}`, headers);
    expect([200, 403, 404]).toContain(status);
    if (status === 200) items.push(id);
  }
  expect([200, 403]).toContain(list.status);
  return { list: list.status === 200 ? (list.body as string[]) : [], items };
}

describe.each(databases)('a list, from $name and from memory,', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openDatabase<Tables>>>;
  beforeAll(async () => {
    opened = await openDatabase<Tables>(url);
    const { database } = opened;
    await createAssignmentTables(database);
    await database.schema
      .createTable('things')
      .addColumn('id', 'uuid', (column) => column.primaryKey())
      .addColumn('tenant_id', 'uuid', (column) => column.notNull())
      .addColumn('department', 'text')
      .addColumn('floor_number', 'text')
      .execute();
    await database.schema
      .createTable('thing_owners')
      .addColumn('thing_id', 'uuid', (column) => column.references('things.id').onDelete('cascade'))
      .addColumn('tenant_id', 'uuid')
      .addColumn('object_id', 'uuid')
      .execute();
  });
  afterAll(() => opened.close());

  async function refill(things: readonly Thing[]): Promise<void> {
    const { database } = opened;
    for (const table of ['record_selections', 'scope_assignments', 'record_scopes', 'things'])
      await database.deleteFrom(table as 'things').execute();
    const rows = things.map(({ id, tenantId, department, floor }) => ({
      id,
      tenant_id: tenantId,
      department,
      floor_number: floor,
    }));
    await database.insertInto('things').values(rows).execute();
    const owners = things.flatMap(({ id, owners }) =>
      owners.map((each) => ({ thing_id: id, tenant_id: each.tenantId, object_id: each.objectId })),
    );
    if (owners.length > 0) await database.insertInto('thing_owners').values(owners).execute();
  }

  it('has exactly the items that are open one by one, whoever asks and whatever is stored', async () => {
    const parts = { none: 0, some: 0, all: 0 };
    await fc.assert(
      fc.asyncProperty(
        things,
        stored,
        routes,
        caller,
        async (things, stored, routes, { kind, principal, held, severalTenants }) => {
          const drawn: Case = { things, stored, routes };
          const tenantId = severalTenants ? principal.tenantId : tenant;
          const inTenant = { objectId: principal.objectId, ...(tenantId === tenant ? {} : { tenant: tenantId }) };
          const headers =
            kind === 'application'
              ? entra.asApplication(held, {
                  client: entra.client(`client ${principal.objectId} of ${tenantId}`, inTenant),
                })
              : entra.asUser(entra.user(`user ${principal.objectId} of ${tenantId}`, inTenant), held);

          await refill(things);
          const inDatabase = kyselyAssignments(opened.database);
          await fill(inDatabase, drawn);
          app = apiOf(drawn, severalTenants, inDatabase, (reach) =>
            opened.database.selectFrom('things').where(thingsOf(opened.database)(reach)).select('things.id').execute(),
          );
          const { list, items } = await listAndItems(things, headers);
          expect(list).toEqual(items);
          parts[list.length === 0 ? 'none' : list.length < things.length ? 'some' : 'all']++;

          const inMemory = memoryAssignments();
          await fill(inMemory, drawn);
          app = apiOf(drawn, severalTenants, inMemory, async (reach, { thing: record, scopes }) => {
            return filterInReach(reach, things, { record, scopes });
          });
          expect(await listAndItems(things, headers)).toEqual({ list: items, items });
        },
      ),
      { numRuns: 150 },
    );
    expect(parts.some).toBeGreaterThan(20);
    expect(parts.none).toBeGreaterThan(5);
  }, 60_000);
});
