import express from 'express';
import { type Grant, record } from 'express-app-roles';
import { authorizationRoute, memoryAssignments, scopeRoutes, selectionRoutes } from 'express-app-roles/assignments';
import { forEachBadToken } from 'express-app-roles/testing';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { ada, admin, api, application, call, delegated, entra, kinds, type Mailbox, reader } from './api.js';

expect.extend(entra.matchers);

const job = entra.client('job');
const { objectId } = job.principal;
const foreign = entra.client('of a customer', { tenant: entra.otherTenant });

describe('grants of single records', () => {
  const path = `/mailboxes/sales/selections/${objectId}`;
  const send = (app: ReturnType<typeof api>['app'], id = 'sales') =>
    call(app, 'post', `/mailboxes/${id}/messages`, entra.asApplication('Mail.Send.Selected', { client: job }));

  it('open a record from the next request on, until they are taken away', async () => {
    const { app } = api();
    expect(await send(app)).toBeRefused('not_selected');
    expect((await call(app, 'put', path, admin, { roles: ['read'] })).status).toBe(201);
    expect(await send(app)).toBeRefused('not_selected');
    const changed = await call(
      app,
      'put',
      path.toUpperCase().replace(/.*SELECTIONS/, '/mailboxes/sales/selections'),
      admin,
      {
        roles: ['send', 'send'],
      },
    );
    expect([changed.status, changed.body]).toEqual([200, { client: job.principal, roles: ['send'] }]);
    expect(await send(app)).toBeAllowed();
    expect(await send(app, 'law')).toBeRefused('not_selected');
    const listed = await call(app, 'get', '/mailboxes/sales/selections', reader);
    expect(listed.body).toEqual({ selections: [{ client: job.principal, roles: ['send'] }] });
    const gone = await call(app, 'delete', path, admin);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect(await send(app)).toBeRefused('not_selected');
    isProblem(await call(app, 'delete', path, admin), 404, /Nothing was granted/);
  });

  it('can be left to the owners of a record', async () => {
    const { app } = api();
    const share = (id: string) =>
      call(app, 'put', `/mailboxes/${id}/selections/${objectId}`, entra.asUser(ada, 'Mailbox.Share'), {
        roles: ['send'],
      });
    expect((await share('sales')).status).toBe(201);
    expect(await share('law')).toBeRefused('not_owner');
    expect(await send(app)).toBeAllowed();
  });

  it.each<[string, string, object | string]>([
    ['a role that there is not', path, { roles: ['send', 'own'] }],
    ['no role', path, { roles: [] }],
    ['a role that is no text', path, { roles: [['send']] }],
    ['a role in place of roles', path, { roles: 'send' }],
    ['a member too many', path, { roles: ['send'], client: objectId }],
    ['no object', path, ['send']],
    ['a client by its name', '/mailboxes/sales/selections/job', { roles: ['send'] }],
    ['a tenant by its name', `${path}?tenantId=contoso.test`, { roles: ['send'] }],
    ['two tenants', `${path}?tenantId=${entra.tenant}&tenantId=${entra.otherTenant}`, { roles: ['send'] }],
  ])('are not written for %s', async (_name, at, body) => {
    const { app, store } = api();
    isProblem(await call(app, 'put', at, admin, body), 400, /./);
    expect(await store.selections({ record: 'mailbox', key: 'sales' })).toEqual([]);
  });

  it('are of a record that is there', async () => {
    const { app } = api();
    for (const method of ['put', 'delete'] as const)
      expect(await call(app, method, `/mailboxes/none/selections/${objectId}`, admin, { roles: ['send'] })).toBeRefused(
        'not_found',
      );
  });
});

describe('scopes and assignments', () => {
  const send = (app: ReturnType<typeof api>['app'], id = 'sales') =>
    call(app, 'post', `/mailboxes/${id}/messages`, entra.asApplication('Mail.Send', { client: job }));
  const assignment = { client: objectId, permission: 'Mail.Send', reason: 'Newsletter' };

  async function withScope() {
    const { app, store } = api();
    const made = await call(app, 'put', '/mailbox-scopes/sales-mailboxes', admin, { filter: { department: 'sales' } });
    expect([made.status, made.body]).toEqual([201, { name: 'sales-mailboxes', filter: { department: 'sales' } }]);
    return { app, store };
  }

  it('open records from the next request on, until an assignment ends', async () => {
    const { app } = await withScope();
    expect(await send(app)).toBeRefused('out_of_scope');
    const made = await call(app, 'post', '/mailbox-scopes/sales-mailboxes/assignments', admin, assignment);
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.any(String),
      client: job.principal,
      permission: 'Mail.Send',
      reason: 'Newsletter',
      createdBy: entra.client('admin').principal,
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(await send(app)).toBeAllowed();
    expect(await send(app, 'law')).toBeRefused('out_of_scope');
    const listed = await call(app, 'get', '/mailbox-scopes/sales-mailboxes/assignments', reader);
    expect(listed.body).toEqual({ assignments: [made.body] });
    isProblem(await call(app, 'delete', '/mailbox-scopes/sales-mailboxes', admin), 409, /end the assignments first/);
    expect(await send(app)).toBeAllowed();
    const at = `/mailbox-scopes/sales-mailboxes/assignments/${made.body.id}`;
    expect((await call(app, 'delete', at, admin)).status).toBe(204);
    expect(await send(app)).toBeRefused('out_of_scope');
    isProblem(await call(app, 'delete', at, admin), 404, /no such assignment/);
    expect((await call(app, 'delete', '/mailbox-scopes/sales-mailboxes', admin)).status).toBe(204);
    isProblem(await call(app, 'delete', '/mailbox-scopes/sales-mailboxes', admin), 404, /no such scope/);
    expect((await call(app, 'get', '/mailbox-scopes', reader)).body).toEqual({ scopes: [] });
  });

  it('a changed filter holds for who is assigned', async () => {
    const { app } = await withScope();
    await call(app, 'post', '/mailbox-scopes/sales-mailboxes/assignments', admin, assignment);
    const changed = await call(app, 'put', '/mailbox-scopes/sales-mailboxes', admin, {
      filter: { department: ['law'] },
    });
    expect(changed.status).toBe(200);
    expect(await send(app)).toBeRefused('out_of_scope');
    expect(await send(app, 'law')).toBeAllowed();
  });

  it('are assigned once, and to scopes that are there', async () => {
    const { app } = await withScope();
    const assign = (scope: string) => call(app, 'post', `/mailbox-scopes/${scope}/assignments`, admin, assignment);
    expect((await assign('sales-mailboxes')).status).toBe(201);
    isProblem(await assign('sales-mailboxes'), 409, /already/);
    isProblem(await assign('other'), 404, /no such scope/);
    isProblem(await call(app, 'get', '/mailbox-scopes/other/assignments', reader), 404, /no such scope/);
  });

  it.each<[unknown, string?]>([
    [{}],
    [{ department: [] }],
    [{ department: 1 }],
    [{ department: '' }],
    [{ department: 'a\0b' }],
    [{ department: Array.from({ length: 101 }, String) }],
    [{ floor: '1' }],
    [{ department: 'sales', floor: '1' }],
    ['department'],
    [{ department: 'sales' }, 'a scope'],
    [{ department: 'sales' }, 'x'.repeat(101)],
  ])('no scope is defined by %j', async (filter, name = 'some') => {
    const { app, store } = api();
    isProblem(await call(app, 'put', `/mailbox-scopes/${encodeURIComponent(name)}`, admin, { filter }), 400, /./);
    expect(await store.scopes({ tenantId: entra.tenant, record: 'mailbox' })).toEqual([]);
  });

  it.each<object>([
    { ...assignment, client: 'job' },
    { ...assignment, permission: 'Mail.Receive' },
    { ...assignment, permission: 'Mailbox.Share' },
    { ...assignment, permission: 'toString' },
    { ...assignment, reason: 'x'.repeat(201) },
    { ...assignment, scope: 'other' },
    { client: objectId },
  ])('nobody is assigned by %j', async (body) => {
    const { app, store } = await withScope();
    isProblem(await call(app, 'post', '/mailbox-scopes/sales-mailboxes/assignments', admin, body), 400, /./);
    expect(await store.assignments({ tenantId: entra.tenant, record: 'mailbox', name: 'sales-mailboxes' })).toEqual([]);
  });
});

describe('who may manage', () => {
  const { app } = api();
  const reads = ['/mailboxes/sales/selections', '/mailbox-scopes', `/mailboxes/sales/senders/${objectId}`];
  const writes = [
    ['put', `/mailboxes/sales/selections/${objectId}`, { roles: ['send'] }],
    ['delete', `/mailboxes/sales/selections/${objectId}`],
    ['put', '/mailbox-scopes/some', { filter: { department: 'sales' } }],
    ['delete', '/mailbox-scopes/some'],
    ['post', '/mailbox-scopes/some/assignments', { client: objectId, permission: 'Mail.Send' }],
    ['delete', `/mailbox-scopes/some/assignments/${objectId}`],
  ] as const;

  it('is nobody without the permission for it', async () => {
    const sender = entra.asApplication(['Mail.Send', 'Mail.Send.All', 'Mail.Send.Selected'], { client: job });
    for (const path of reads) expect(await call(app, 'get', path, sender)).toBeRefused('missing_app_role');
    for (const [method, path, body] of writes) {
      expect(await call(app, method, path, sender, body)).toBeRefused('missing_app_role');
      expect(await call(app, method, path, reader, body)).toBeRefused('missing_app_role');
      expect(await call(app, method, path, entra.asUser(ada, 'Assignment.Read.All'), body)).toHaveProperty(
        'status',
        403,
      );
    }
  });

  it('is nobody with a bad token', async () => {
    for (const [method, path] of writes)
      await forEachBadToken(entra, (headers) => request(app)[method](path).set(headers));
  });

  it('may read with the permission to read', async () => {
    for (const headers of [reader, entra.asUser(ada, 'Assignment.Read.All'), admin])
      for (const path of reads) expect((await call(app, 'get', path, headers)).status).toBe(200);
  });
});

describe('several tenants', () => {
  const operator = entra.asApplication('Assignment.Operate.All', { client: entra.client('operator') });
  const foreignAdmin = entra.asApplication('Assignment.ReadWrite.All', { client: foreign });
  const roles = ['send'];

  it('have nothing to do with each other', async () => {
    const { app, store } = api({ severalTenants: true });
    const to = (tenantId: string) => `/mailboxes/sales/selections/${objectId}?tenantId=${tenantId}`;
    expect(await call(app, 'put', to(foreign.principal.tenantId), foreignAdmin, { roles })).toBeRefused('not_found');
    isProblem(await call(app, 'put', to(entra.otherTenant), admin, { roles }), 404, /no such tenant/);
    expect((await call(app, 'put', to(entra.tenant.toUpperCase()), admin, { roles })).status).toBe(201);

    await call(app, 'put', '/mailbox-scopes/all', admin, { filter: { department: 'sales' } });
    expect((await call(app, 'get', '/mailbox-scopes', foreignAdmin)).body).toEqual({ scopes: [] });
    isProblem(await call(app, 'get', `/mailbox-scopes?tenantId=${entra.tenant}`, foreignAdmin), 404, /no such tenant/);
    expect((await call(app, 'delete', '/mailbox-scopes/all', foreignAdmin)).status).toBe(404);
    expect(await store.scopes({ tenantId: entra.tenant, record: 'mailbox' })).toHaveLength(1);
  });

  it('are managed by who is let across them', async () => {
    const { app, store } = api({ severalTenants: true });
    const query = `?tenantId=${entra.otherTenant}`;
    const made = await call(app, 'put', `/mailbox-scopes/sales${query}`, operator, { filter: { department: 'sales' } });
    expect(made.status).toBe(201);
    const client = foreign.principal.objectId;
    const body = { client, permission: 'Mail.Send' };
    expect((await call(app, 'post', `/mailbox-scopes/sales/assignments${query}`, operator, body)).status).toBe(201);
    expect(await store.assignedTo(foreign.principal, 'Mail.Send', 'mailbox')).toHaveLength(1);
    const asForeign = entra.asApplication('Mail.Send', { client: foreign });
    expect(await call(app, 'post', '/mailboxes/foreign/messages', asForeign)).toBeAllowed();
    expect(await call(app, 'post', '/mailboxes/sales/messages', asForeign)).toBeRefused('not_found');
  });
});

describe('what is declared wrong', () => {
  const store = memoryAssignments();
  const { mailbox, mailboxScopes } = kinds(store);
  const { mailbox: other } = kinds(store);
  const bare = record<Mailbox>({ name: 'bare', find: () => null, owners: () => [], notOwner: 'forbidden' });
  const read = [application('Assignment.Read.All')] as const;
  const owned = [delegated('Mailbox.Share').owned(mailbox)] as const;
  const ownedOnly = [delegated('Mailbox.Share').ownedOnly(mailbox)] as const;
  const ofOther = [delegated('Mailbox.Share').owned(other)] as const;
  const attributes = ['department'] as const;
  const router = () => express.Router({ mergeParams: true });

  it.each<[string, () => void, RegExp]>([
    [
      'selections of a record without',
      () => selectionRoutes(router(), '/:id', { store, record: bare, read, write: read }),
      /has no selections/,
    ],
    [
      'a list',
      () => selectionRoutes(router(), '/:id', { store, record: mailbox, read: ownedOnly, write: read }),
      /not about one mailbox/,
    ],
    [
      'another record',
      () => selectionRoutes(router(), '/:id', { store, record: mailbox, read, write: ofOther }),
      /not about one mailbox/,
    ],
    [
      'scopes with an owner',
      () => scopeRoutes(router(), '/', { store, scopes: mailboxScopes, attributes, read, write: owned }),
      /scopes belong to none/,
    ],
    [
      'filters without attributes',
      () => scopeRoutes(router(), '/', { store, scopes: mailboxScopes, attributes: [] as never, read, write: read }),
      /name the attributes/,
    ],
    [
      'users alone',
      () => authorizationRoute(router(), '/:id', { record: mailbox, grants: owned, read }),
      /none of the grants is for applications/,
    ],
    [
      'a list to test',
      () =>
        authorizationRoute(router(), '/:id', {
          record: mailbox,
          grants: [application('Mail.Send').withinOnly(mailboxScopes)],
          read,
        }),
      /not about one mailbox/,
    ],
    [
      'another record to test',
      () =>
        authorizationRoute(router(), '/:id', {
          record: other,
          grants: [application('Mail.Send').within(mailboxScopes)],
          read,
        }),
      /not about one mailbox/,
    ],
    [
      'no grants',
      () => selectionRoutes(router(), '/:id', { store, record: mailbox, read, write: [] as never as readonly [Grant] }),
      /Name a grant/,
    ],
  ])('is an error at start: %s', (_name, mount, message) => {
    expect(mount).toThrow(message);
  });
});

it('an answer that the store does not give is 500, never a grant', async () => {
  const away = () => Promise.reject(new Error('The database is away.'));
  const { app } = api({ store: { ...memoryAssignments(), rolesOf: away, assignedTo: away, putSelection: away } });
  for (const permission of ['Mail.Send', 'Mail.Send.Selected'] as const)
    expect((await call(app, 'post', '/mailboxes/sales/messages', entra.asApplication(permission))).status).toBe(500);
  const put = await call(app, 'put', `/mailboxes/sales/selections/${objectId}`, admin, { roles: ['send'] });
  expect(put.status).toBe(500);
});

function isProblem(response: { status: number; type: string; body: unknown }, status: number, detail: RegExp): void {
  expect([response.status, response.type]).toEqual([status, 'application/problem+json']);
  expect(response.body).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status,
    detail: expect.stringMatching(detail),
  });
}
