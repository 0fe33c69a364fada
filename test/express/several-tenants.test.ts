import express from 'express';
import { allow, problemDetails, type RecordOptions } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  application,
  as,
  ask,
  authentication,
  authority,
  delegated,
  type Grants,
  type Mailbox,
  mailboxRecord,
  otherTenantId,
  servicePrincipalId,
  tellError,
  tenantId,
} from './api.js';

const tenants = [tenantId, otherTenantId];
const tenant = (each: Mailbox) => each.tenantId;
const other = { tid: otherTenantId, iss: `${authority.origin}/${otherTenantId}/v2.0` };

function api(
  grants: (record: ReturnType<typeof mailboxRecord>['mailbox']) => Grants,
  options: Partial<RecordOptions<Mailbox>> = { tenant },
) {
  const { mailbox } = mailboxRecord(options);
  const app = express();
  app.use(authentication({ tenants }));
  app.get('/mailboxes/:id', allow(...grants(mailbox)), (req, res) => void res.json(mailbox.of(req).id));
  app.get(
    '/mailboxes',
    allow(
      application('Mailbox.OwnedBy').ownedOnly(mailbox),
      application('Mailbox.All'),
      application('Mail.Send').acrossTenants(),
    ),
    (req, res) => {
      res.json(mailbox.reach(req));
    },
  );
  app.get(
    '/loaded/:id',
    allow(application('Mailbox.All'), application('Mail.Send').acrossTenants()),
    (req, res, next) => {
      mailbox.load(req).then((found) => res.json(found.id), next);
    },
  );
  app.use(problemDetails(), tellError);
  return app;
}

describe('where several tenants may call', () => {
  const ownedOrAll = api((mailbox) => [delegated('Mail.Read').owned(mailbox), application('Mailbox.All')]);
  const across = api((mailbox) => [
    delegated('Mail.Read').owned(mailbox),
    application('Mailbox.All').acrossTenants(),
    delegated('Mail.Write').owned(mailbox).acrossTenants(),
  ]);

  it.each<[name: string, app: typeof across, path: string, token: string, status: number]>([
    ["a user's record", ownedOrAll, 'users', as.user('Mail.Read'), 200],
    ["the same user's object id in another tenant", ownedOrAll, 'foreign', as.user('Mail.Read'), 404],
    ['a wide grant in its tenant', ownedOrAll, 'users', as.app(['Mailbox.All']), 200],
    ['a wide grant in another tenant', ownedOrAll, 'foreign', as.app(['Mailbox.All']), 404],
    ['a wide grant of another tenant', ownedOrAll, 'users', as.app(['Mailbox.All'], other), 404],
    ['a wide grant of another tenant on its own', ownedOrAll, 'foreign', as.app(['Mailbox.All'], other), 200],
    ['an owner in another tenant', ownedOrAll, 'foreign', as.user('Mail.Read', other), 200],
    ['a grant across tenants', across, 'foreign', as.app(['Mailbox.All']), 200],
    ['a grant that is not across tenants, beside one', across, 'foreign', as.user('Mail.Read'), 404],
    ['ownership across tenants is still ownership', across, 'foreign', as.user('Mail.Write'), 403],
    ['an owner by a grant across tenants', across, 'users', as.user('Mail.Write'), 200],
  ])('%s', async (_name, app, path, token, status) => {
    expect((await ask(app, `/mailboxes/${path}`, token)).status).toBe(status);
  });

  it('a record of another tenant is like an absent one, byte for byte', async () => {
    const [there, absent] = [
      await ask(ownedOrAll, '/mailboxes/foreign', as.user('Mail.Read')),
      await ask(ownedOrAll, '/mailboxes/nothing', as.user('Mail.Read')),
    ];
    expect(there.text).toBe(absent.text);
    expect({ ...there.headers, date: '' }).toEqual({ ...absent.headers, date: '' });
  });

  it.each<[name: string, options: Partial<RecordOptions<Mailbox>>]>([
    ['does not say its tenant', {}],
    ['gives undefined', { tenant: () => undefined as never }],
    ['gives a domain name', { tenant: () => 'contoso.test' }],
    ['gives an empty text', { tenant: () => '' }],
    ['gives a promise', { tenant: (async (each: Mailbox) => each.tenantId) as never }],
    ['gives a promise that rejects', { tenant: (() => Promise.reject(new Error('rejected'))) as never }],
  ])('a record that %s is a 500, for every grant', async (_name, options) => {
    const app = api((mailbox) => [delegated('Mail.Read').owned(mailbox), application('Mailbox.All')], options);
    for (const [path, token] of [
      ['/mailboxes/users', as.user('Mail.Read')],
      ['/mailboxes/users', as.app(['Mailbox.All'])],
      ['/loaded/users', as.app(['Mailbox.All'])],
    ] as const) {
      const { status, body } = await ask(app, path, token);
      expect([status, body.name]).toEqual([500, 'ConfigurationError']);
    }
  });

  it.each([
    ['Mailbox.OwnedBy', { kind: 'owned', by: { tenantId, objectId: servicePrincipalId }, tenantId }],
    ['Mailbox.All', { kind: 'tenant', tenantId }],
    ['Mail.Send', { kind: 'all' }],
  ])('the reach of %s', async (role, reach) => {
    expect((await ask(ownedOrAll, '/mailboxes', as.app([role]))).body).toEqual(reach);
  });

  it('load keeps to the tenant unless the grant is across tenants', async () => {
    expect((await ask(ownedOrAll, '/loaded/foreign', as.app(['Mailbox.All']))).status).toBe(404);
    expect((await ask(ownedOrAll, '/loaded/users', as.app(['Mailbox.All']))).status).toBe(200);
    expect((await ask(ownedOrAll, '/loaded/foreign', as.app(['Mail.Send']))).status).toBe(200);
  });
});
