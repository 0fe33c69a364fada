import { inspect } from 'node:util';
import type express from 'express';
import { allow, callerOf, decisionOf, definePermissions, record } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  delegated,
  type Mailbox,
  mailboxes,
  mailboxRecord,
  permissions,
  tenantId,
  texts,
  userId,
} from './api.js';

const builtIns = new Set<unknown>([
  Object.prototype,
  Function.prototype,
  Array.prototype,
  Object.getPrototypeOf(async () => {}),
  globalThis,
]);

/** Everything that can be reached from a value by its own members, its prototypes and its getters. */
function reachable(value: unknown, found = new Set<object>()): Set<object> {
  if (
    (typeof value !== 'object' && typeof value !== 'function') ||
    value === null ||
    builtIns.has(value) ||
    found.has(value)
  )
    return found;
  found.add(value);
  for (const key of Reflect.ownKeys(value)) {
    const member = Reflect.getOwnPropertyDescriptor(value, key);
    reachable(member?.value, found);
    reachable(member?.get, found);
  }
  reachable(Object.getPrototypeOf(value), found);
  return found;
}

/** Tries every way to change a value, and everything that it leads to. */
function vandalise(value: unknown): void {
  for (const each of reachable(value)) {
    const target = each as Record<PropertyKey, unknown>;
    const tries: (() => unknown)[] = Reflect.ownKeys(each).flatMap((key) => [
      () => (target[key] = 'Mailbox.All'),
      () => delete target[key],
      () => Object.defineProperty(target, key, { value: ['Mailbox.All'] }),
      () => Object.defineProperty(target, key, { get: () => ['Mailbox.All'] }),
    ]);
    tries.push(
      () => (target.appRoles = ['Mailbox.All']),
      () => (target.scopes = ['Mail.Write']),
      () => (target.added = true),
      () => Object.defineProperty(target, 'kind', { value: 'application' }),
      () => Object.setPrototypeOf(target, { appRoles: ['Mailbox.All'] }),
      () => Reflect.apply(Array.prototype.push, target, ['Mailbox.All']),
      () => Reflect.apply(Array.prototype.fill, target, ['Mailbox.All']),
      () => Reflect.apply(Array.prototype.splice, target, [0, 9]),
      () => Reflect.apply(Array.prototype.sort, target, []),
      () => Reflect.apply(Set.prototype.add, target, ['Mailbox.All']),
      () => Reflect.apply(Map.prototype.set, target, ['Mailbox.All', {}]),
      () => Reflect.apply(Set.prototype.clear, target, []),
    );
    for (const attempt of tries) {
      try {
        attempt();
      } catch {
        // As it should be.
      }
    }
  }
}

const tell = (req: express.Request) => {
  const { grant, permissions: held, explanation } = decisionOf(req);
  const caller = callerOf(req);
  return inspect(
    [{ ...caller }, caller.claims, grant, String(grant), held, explanation, { ...permissions.catalogue }],
    { depth: null },
  );
};

describe('a handler that changes everything it can reach', () => {
  const victims: [name: string, reach: (req: express.Request) => unknown][] = [
    ['callerOf(req)', (req) => callerOf(req)],
    ['callerOf(req).claims', (req) => callerOf(req).claims],
    ['decisionOf(req)', (req) => decisionOf(req)],
    ['decisionOf(req).grant', (req) => decisionOf(req).grant],
    ['permissions', () => permissions],
    ['permissions.catalogue', () => permissions.catalogue],
  ];
  const tokens: [string, string][] = [
    ['a user', as.user('Mail.Read', { roles: ['Dispatcher'], groups: ['one'], nested: { deep: [{ value: 1 }] } })],
    ['an application', as.app(['Mail.Read'], { nested: { deep: [{ value: 1 }] } })],
    ['an agent', as.user('Mail.Read', { xms_act_fct: '11', xms_par_app_azp: userId })],
  ];

  it.each(victims.flatMap(([name, victim]) => tokens.map(([who, token]) => [name, who, victim, token] as const)))(
    '%s of %s: the next request with the same token is unchanged',
    async (_name, _who, victim, token) => {
      const { mailbox } = mailboxRecord();
      let attack = false;
      const app = apiWith((each) => {
        each.get(
          '/:id',
          allow(
            delegated('Mail.Read').owned(mailbox),
            application('Mail.Read').when('always', () => true),
          ),
          (req, res) => {
            const before = tell(req);
            if (attack) vandalise(victim(req));
            res.json(before);
          },
        );
        each.get(
          '/all/:id',
          allow(application('Mailbox.All'), delegated('Mail.Write').onAnyRecord()),
          (_req, res) => void res.json({}),
        );
      });
      const first = await ask(app, '/users', token);
      attack = true;
      expect((await ask(app, '/users', token)).body).toEqual(first.body);
      attack = false;
      expect((await ask(app, '/users', token)).body).toEqual(first.body);
      expect((await ask(app, '/all/users', token)).status).toBe(403);
    },
  );

  it('of a grant and a record before the first request changes no decision', async () => {
    const options = {
      name: 'mailbox',
      param: 'id',
      find: (id: string) => mailboxes.get(id),
      owners: (each: Mailbox) => each.owners,
      notOwner: 'forbidden' as const,
    };
    const mailbox = record<Mailbox>(options);
    const grant = delegated('Mail.Read').owned(mailbox);
    const grants: [typeof grant] = [grant];
    const guard = allow(...grants);
    vandalise(grant);
    vandalise(mailbox);
    grants.pop();
    Object.assign(options, {
      owners: () => [{ tenantId, objectId: userId }],
      find: () => ({}),
      notOwner: 'not-found',
      param: 'other',
    });
    const app = apiWith((each) => each.get('/:id', guard, (_req, res) => void res.json({})));
    expect((await ask(app, '/users', as.user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/strangers', as.user('Mail.Read'))).status).toBe(403);
  });

  it('of the object that definePermissions was given changes no permission', () => {
    const given = {
      'Mail.Read': { delegated: { ...texts, consent: 'user' as const, toUser: { ...texts }, enabled: false } },
    };
    const { catalogue } = definePermissions(given);
    Object.assign(given['Mail.Read'].delegated, { enabled: true, displayName: 'Other' });
    Object.assign(given['Mail.Read'].delegated.toUser, { displayName: 'Other' });
    Object.assign(given, { More: {} });
    expect(catalogue).toEqual({
      'Mail.Read': { delegated: { ...texts, consent: 'user', toUser: texts, enabled: false } },
    });
  });

  it('of one grant changes no other that was made from it', () => {
    const base = delegated('Mail.Read');
    const [one, other] = [base.and('Mail.Send'), base.withUserRole('Dispatcher')];
    vandalise(one);
    expect([base, one, other].map(String)).toEqual([
      'delegated Mail.Read',
      'delegated Mail.Read and Mail.Send',
      'delegated Mail.Read, user role Dispatcher',
    ]);
  });

  it('of the reach it was given changes no other', async () => {
    const { mailbox } = mailboxRecord();
    const app = apiWith((each) => {
      each.get('/', allow(application('Mailbox.OwnedBy').ownedOnly(mailbox)), (req, res) => {
        const before = JSON.stringify(mailbox.reach(req));
        vandalise(mailbox.reach(req));
        res.json([before, JSON.stringify(mailbox.reach(req))]);
      });
    });
    const [before, after] = (await ask(app, '/', as.app(['Mailbox.OwnedBy']))).body;
    expect(after).toBe(before);
  });
});

describe('what lies on the request', () => {
  it('cannot be brought by the client', async () => {
    const app = apiWith((each) => each.get('/', allow(delegated('Mail.Read')), (_req, res) => void res.json({})));
    const answer = await ask(app, '/?express-app-roles.request=1&caller=admin').set({
      'express-app-roles.request': '{}',
      caller: 'admin',
    });
    expect(answer.status).toBe(401);
  });

  it('is printed as no more than a name', async () => {
    const app = apiWith((each) =>
      each.get('/', allow(delegated('Mail.Read')), (req, res) => {
        const state = Reflect.get(Reflect.get(req, '_readableState'), Symbol.for('express-app-roles.request'));
        res.json([
          inspect(state, { depth: null, showHidden: true }),
          JSON.stringify({ state }),
          Object.keys(req).join(),
        ]);
      }),
    );
    const { body } = await ask(app, '/', as.user('Mail.Read'));
    expect(body.slice(0, 2)).toEqual(['[express-app-roles]', '{}']);
    expect(body[2]).not.toMatch(/app-?roles|caller/i);
  });
});
