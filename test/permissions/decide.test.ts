import type { IncomingMessage } from 'node:http';
import { definePermissions, type Grant, record } from 'express-app-roles';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Caller, Principal } from '../../src/caller/index.js';
import { type Decision, decide, namedRecords } from '../../src/permissions/index.js';

const texts = { displayName: 'Do it', description: 'Lets the app do it.' };
const names = ['A', 'B', 'C', 'Off'] as const;
const entry = { delegated: { ...texts, consent: 'admin' as const }, application: texts };
const { delegated, application } = definePermissions({
  A: entry,
  B: { ...entry, delegated: { ...entry.delegated, personal: true } },
  C: entry,
  Off: { delegated: { ...entry.delegated, enabled: false }, application: { ...texts, enabled: false } },
  R: { userRole: texts },
});

const tenants = ['7e570000-0000-4000-8000-00000000000a', '7e570000-0000-4000-8000-00000000000b'] as const;
const objects = ['0b000000-0000-4000-8000-000000000001', '0b000000-0000-4000-8000-000000000002'] as const;

interface Thing {
  readonly tenantId: string;
  readonly owners: readonly Principal[];
}
const thing = (name: string, notOwner: 'forbidden' | 'not-found') =>
  record<Thing>({ name, find: () => null, owners: (each) => each.owners, tenant: (each) => each.tenantId, notOwner });
const rules = [thing('one', 'forbidden'), thing('two', 'not-found')] as const;

/** What one grant demands, told apart from the code that makes it. */
interface Recipe {
  readonly kind: 'delegated' | 'application';
  readonly permissions: readonly string[];
  readonly userRole: boolean;
  readonly owned: readonly number[];
  readonly condition: boolean | undefined;
  readonly everyTenant: boolean;
}

interface Steps {
  and(name: string): Steps;
  withUserRole(name: string): Steps;
  owned(...records: unknown[]): Steps;
  when(name: string, test: () => boolean): Steps;
  acrossTenants(): Steps;
}

function cook({ kind, permissions, userRole, owned, condition, everyTenant }: Recipe): Grant {
  const [first, ...others] = permissions;
  let grant = (kind === 'delegated' ? delegated : application)(first as 'A') as unknown as Steps;
  for (const name of others) grant = grant.and(name);
  if (userRole && kind === 'delegated') grant = grant.withUserRole('R');
  if (owned.length > 0) grant = grant.owned(...owned.map((index) => rules[index]));
  if (condition !== undefined) grant = grant.when('it', () => condition);
  return (everyTenant ? grant.acrossTenants() : grant) as unknown as Grant;
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constantFrom('delegated', 'application'),
  permissions: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
  userRole: fc.boolean(),
  owned: fc.uniqueArray(fc.constantFrom(0, 1), { maxLength: 2 }),
  condition: fc.option(fc.boolean(), { nil: undefined }),
  everyTenant: fc.boolean(),
});

const principal = fc.record({ tenantId: fc.constantFrom(...tenants), objectId: fc.constantFrom(...objects) });
const found = fc.option(
  fc.record({ tenantId: fc.constantFrom(...tenants), owners: fc.array(principal, { maxLength: 2 }) }),
  { nil: null },
);

const caller = fc
  .record({
    kind: fc.constantFrom('delegated', 'application'),
    principal,
    held: fc.uniqueArray(fc.constantFrom(...names, 'R', 'a', 'AB')),
    roles: fc.uniqueArray(fc.constantFrom('R', ...names)),
    account: fc.constantFrom('work', 'personal'),
  })
  .map(({ kind, principal: acting, held, roles, account }) => {
    const common = { kind, principal: acting, tenantId: acting.tenantId };
    return (kind === 'delegated'
      ? { ...common, scopes: held, userRoles: roles, account }
      : { ...common, appRoles: held }) as unknown as Caller;
  });

/** The rules of the design page once more, in other words. */
function mayPass(
  who: Caller,
  { kind, permissions, userRole, owned, condition, everyTenant }: Recipe,
  things: readonly (Thing | null)[],
  named: readonly number[],
  several: boolean,
): boolean {
  if (who.kind !== kind || permissions.includes('Off')) return false;
  const held = who.kind === 'delegated' ? who.scopes : who.appRoles;
  if (permissions.some((name) => !held.some((each) => each === name))) return false;
  if (who.kind === 'delegated' && who.account === 'personal' && permissions.some((name) => name !== 'B')) return false;
  if (who.kind === 'delegated' && userRole && !who.userRoles.includes('R')) return false;
  if (named.some((index) => things[index] === null)) return false;
  if (several && !everyTenant && named.some((index) => things[index]?.tenantId !== who.tenantId)) return false;
  const owns = ({ owners }: Thing) =>
    owners.some((each) => each.tenantId === who.principal.tenantId && each.objectId === who.principal.objectId);
  if (owned.some((index) => !owns(things[index] as Thing))) return false;
  return condition !== false;
}

function settle(
  who: Caller,
  grants: readonly Grant[],
  things: readonly (Thing | null)[],
  severalTenants: boolean,
): Decision {
  const facts = { req: {} as IncomingMessage, severalTenants };
  const first = decide(who, grants, facts);
  if (first.outcome !== 'facts-needed') return first;
  const loaded = new Map(first.needs.map((rule) => [rule, things[(rules as readonly unknown[]).indexOf(rule)]]));
  return decide(who, grants, { ...facts, loaded });
}

const scene = [caller, fc.array(recipe, { minLength: 1, maxLength: 4 }), fc.tuple(found, found), fc.boolean()] as const;

describe('a decision', () => {
  it('grants what the rules grant, and nothing else', () => {
    fc.assert(
      fc.property(...scene, (who, recipes, things, several) => {
        const grants = recipes.map(cook);
        const named = [0, 1].filter((index) => namedRecords(grants).some((rule) => rule === (rules[index] as unknown)));
        const expected = recipes.map((each) => mayPass(who, each, things, named, several));
        const decision = settle(who, grants, things, several);
        expect(decision.outcome).toBe(expected.includes(true) ? 'granted' : 'refused');
        if (decision.outcome === 'granted') {
          expect(decision.grants).toEqual(grants.filter((_, index) => expected[index]));
          expect(decision.grants).toContain(decision.grant);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('does not depend on the order of the grants', () => {
    fc.assert(
      fc.property(...scene, (who, recipes, things, several) => {
        const grants = recipes.map(cook);
        const [one, other] = [
          settle(who, grants, things, several),
          settle(who, [...grants].reverse(), things, several),
        ];
        expect(one.outcome).toBe(other.outcome);
        if (one.outcome === 'refused' && other.outcome === 'refused') expect(one.code).toBe(other.code);
        if (one.outcome === 'granted' && other.outcome === 'granted') {
          const width = ({ narrowing, everyTenant }: Grant) => [narrowing.kind === 'owned', everyTenant];
          expect(width(one.grant)).toEqual(width(other.grant));
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('explains every grant, and needs no record to refuse who holds nothing', () => {
    fc.assert(
      fc.property(...scene, (who, recipes, things, several) => {
        const grants = recipes.map(cook);
        const decision = settle(who, grants, things, several);
        if (decision.outcome === 'facts-needed') throw new Error('It was given them.');
        expect(decision.explanation.map(({ grant }) => grant)).toEqual(grants);
        const held = recipes.some((each) =>
          mayPass(who, { ...each, owned: [], condition: undefined, everyTenant: true }, things, [], several),
        );
        if (!held)
          expect(decide(who, grants, { req: {} as IncomingMessage, severalTenants: several }).outcome).toBe('refused');
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not tell a hidden record that is there from one that is not, unless it is owned', () => {
    fc.assert(
      fc.property(...scene, (who, recipes, [one, two], several) => {
        const grants = recipes.map(cook);
        if (
          two === null ||
          two.owners.some(({ objectId, tenantId }) => objectId === who.principal.objectId && tenantId === who.tenantId)
        )
          return;
        if (!namedRecords(grants).some((rule) => rule === (rules[1] as unknown))) return;
        const [there, absent] = [settle(who, grants, [one, two], several), settle(who, grants, [one, null], several)];
        if (there.outcome === 'refused' && absent.outcome === 'refused') expect(there.code).toBe(absent.code);
      }),
      { numRuns: 5_000 },
    );
  });
});
