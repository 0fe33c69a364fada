import express from 'express';
import { record } from 'express-app-roles';
import { memoryRevocations, revocationRoutes, revocations } from 'express-app-roles/revocation';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { application, appWith, delegated, entra, listOf, read, seconds } from './api.js';
import { OwnStore } from './own-store.js';

const job = entra.client('job');
const subject = { kind: 'client', clientId: job.clientId };
const reason = 'Leaked.';
const operator = entra.client('operator');
const reader = () => entra.asApplication('Revocation.Read.All');
const writer = () => entra.asApplication('Revocation.ReadWrite.All', { client: operator });

describe('the management of revocations', () => {
  it('revokes, lists and restores', async () => {
    const app = appWith(listOf());
    const asJob = entra.asApplication('Mail.Read', { client: job });
    expect(await read(app, asJob)).toBe('200');
    const created = await request(app).post('/revocations').set(writer()).send({ subject, reason });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      subject,
      reason,
      by: operator.principal,
      issuedBefore: created.body.createdAt,
    });
    expect(created.headers.location).toBe(`/revocations/${created.body.id}`);
    expect(await read(app, asJob)).toBe('401 denied');
    const listed = await request(app).get('/revocations').set(reader());
    expect([listed.status, listed.body]).toEqual([200, { revocations: [created.body] }]);
    const path = `/revocations/${created.body.id}`;
    expect((await request(app).delete(path).set(writer())).status).toBe(204);
    expect(await read(app, asJob)).toBe('200');
    const { status, body, type } = await request(app).delete(path).set(writer());
    expect([status, type, body.detail]).toEqual([404, 'application/problem+json', 'There is no such revocation.']);
  });

  it('asks for a permission to write that reading does not give', async () => {
    const app = appWith(listOf());
    for (const credentials of [reader(), entra.asApplication('Mail.Read'), entra.asUser('Ada', 'Mail.Read')]) {
      const posted = await request(app).post('/revocations').set(credentials).send({ subject, reason });
      expect(posted.status).toBe(403);
      expect((await request(app).delete('/revocations/x').set(credentials)).status).toBe(403);
    }
    expect((await request(app).get('/revocations').set(writer())).status).toBe(200);
    expect((await request(app).get('/revocations').set(entra.asApplication('Mail.Read'))).status).toBe(403);
    expect((await request(app).get('/revocations')).status).toBe(401);
  });

  it.each<[body: unknown, detail: RegExp]>([
    // Without a body, express.json() gives an empty object on Express 4.
    [undefined, /^(The body must be a JSON object|"subject" must be an object)/],
    [[], /^The body must be a JSON object/],
    [
      { subject, reason, by: operator.principal },
      /^The body may have subject, reason, issuedBefore, expiresAt and nothing/,
    ],
    [{ subject }, /^"reason" must be a text/],
    [{ reason }, /^"subject" must be an object/],
    [{ subject: { kind: 'client', clientId: '<script>' }, reason }, /^"clientId" must be a GUID\.$/],
    [{ subject, reason, expiresAt: seconds() }, /^"expiresAt" must be at least 28 hours/],
  ])('answers 400 to %j', async (sent, detail) => {
    const revoked = listOf();
    const { status, body, type } = await request(appWith(revoked))
      .post('/revocations')
      .set(writer())
      .send(sent as object);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: expect.stringMatching(detail),
    });
    expect(revoked.list()).toEqual([]);
  });

  it('answers 409 where the list is full, 503 where the store is away', async () => {
    const full = listOf({ maxEntries: 1 });
    await full.revoke({ subject: { kind: 'token', tokenId: 'x' }, reason });
    const conflict = await request(appWith(full)).post('/revocations').set(writer()).send({ subject, reason });
    expect([conflict.status, conflict.body.title]).toEqual([409, 'Conflict']);

    const store = new OwnStore();
    const cutOff = listOf({ store });
    await cutOff.ready();
    store.broken = () => Promise.reject(new Error('The store is away.'));
    const app = appWith(cutOff);
    for (const test of [
      request(app).post('/revocations').send({ subject, reason }),
      request(app).delete('/revocations/x'),
    ]) {
      const { status, body, headers } = await test.set(writer());
      expect([status, body.code, headers['retry-after']]).toEqual([503, 'revocations_unavailable', '5']);
    }
  });
});

describe('where several tenants may call', () => {
  const revokeAs = (app: ReturnType<typeof appWith>, credentials: ReturnType<typeof writer>, of: object) =>
    request(app).post('/revocations').set(credentials).send({ subject: of, reason });
  const foreign = entra.client('of a customer', { tenant: entra.otherTenant });
  const asForeign = () => entra.asApplication('Revocation.ReadWrite.All', { client: foreign });

  it('a caller sees and writes what is of its own tenant', async () => {
    const revoked = listOf();
    const app = appWith(revoked, { severalTenants: true });
    const own = { kind: 'principal', tenantId: entra.otherTenant.toUpperCase(), objectId: job.principal.objectId };
    expect((await revokeAs(app, asForeign(), own)).status).toBe(201);
    for (const of of [
      subject,
      { kind: 'tenant', tenantId: entra.tenant },
      { kind: 'principal', ...job.principal },
      { kind: 'token', tokenId: 'x' },
      { kind: 'agent-blueprint', blueprintId: job.clientId },
      { kind: 'tenant' },
      undefined,
    ]) {
      const { status, body } = await revokeAs(app, asForeign(), of as object);
      expect([status, body.title]).toEqual([403, 'Forbidden']);
    }
    const { id } = await revoked.revoke({
      subject: { kind: 'tenant', tenantId: entra.tenant },
      issuedBefore: 1,
      reason,
    });
    const { body } = await request(app).get('/revocations').set(asForeign());
    expect(body.revocations).toMatchObject([{ subject: { ...own, tenantId: entra.otherTenant } }]);
    expect((await request(app).delete(`/revocations/${id}`).set(asForeign())).status).toBe(404);
    expect(revoked.list()).toHaveLength(2);
    expect((await request(app).delete(`/revocations/${body.revocations[0].id}`).set(asForeign())).status).toBe(204);
  });

  it('a caller lifts nothing that an operator has written, and does not see it', async () => {
    const revoked = listOf();
    const app = appWith(revoked, { severalTenants: true });
    const { id } = await revoked.revoke({
      subject: { kind: 'tenant', tenantId: entra.otherTenant },
      issuedBefore: 1,
      reason,
      by: operator.principal,
    });
    expect((await request(app).get('/revocations').set(asForeign())).body).toEqual({ revocations: [] });
    expect((await request(app).delete(`/revocations/${id}`).set(asForeign())).status).toBe(404);
    expect(revoked.list()).toHaveLength(1);
  });

  it('a caller takes no room from others', async () => {
    const app = appWith(listOf(), { severalTenants: true });
    const own = { kind: 'principal', tenantId: entra.otherTenant, objectId: job.principal.objectId };
    const late = { subject: own, reason, expiresAt: seconds() + 31 * 86_400 };
    const tooLong = await request(app).post('/revocations').set(asForeign()).send(late);
    expect([tooLong.status, tooLong.body.detail]).toEqual([400, '"expiresAt" must be within 30 days.']);
    const first = await revokeAs(app, asForeign(), own);
    expect((await request(app).delete(`/revocations/${first.body.id}`).set(asForeign())).status).toBe(204);
    for (let count = 1; count < 100; count++) expect((await revokeAs(app, asForeign(), own)).status).toBe(201);
    const full = await revokeAs(app, asForeign(), own);
    expect([full.status, full.body.detail]).toEqual([
      409,
      expect.stringMatching(/^Your tenant has written 100 entries/),
    ]);
  });

  it('a grant across tenants sees and writes everything', async () => {
    const app = appWith(listOf(), { severalTenants: true, everyTenant: true });
    const { status, body } = await revokeAs(app, writer(), { kind: 'tenant', tenantId: entra.otherTenant });
    expect(status).toBe(201);
    expect((await revokeAs(app, asForeign(), subject)).body.code).toBe('denied');
    expect((await request(app).get('/revocations').set(writer())).body.revocations).toEqual([body]);
    expect((await request(app).delete(`/revocations/${body.id}`).set(writer())).status).toBe(204);
  });
});

describe('revocationRoutes({ … })', () => {
  const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse' });
  revoked.close();
  const write = application('Revocation.ReadWrite.All');
  const mount = (read: never[], writing: never[]) => () =>
    revocationRoutes(express.Router(), '/revocations', {
      revocations: revoked,
      read: read as never,
      write: writing as never,
    });

  it('does not start where whoever may read may write', () => {
    expect(mount([write] as never[], [write] as never[])).toThrow(
      /whoever may read may write. Writing needs a permission/,
    );
    expect(mount([write] as never[], [write, delegated('Mail.Read')] as never[])).toThrow(/whoever may read may write/);
    expect(mount([application('Revocation.Read.All'), write] as never[], [write] as never[])).not.toThrow();
  });

  it('does not start with grants about records', () => {
    const mailbox = record<object>({ name: 'mailbox', find: () => ({}), owners: () => [], notOwner: 'forbidden' });
    const owned = application('Mail.Read').owned(mailbox);
    expect(mount([owned] as never[], [write] as never[])).toThrow(
      /"application Mail.Read, owned mailbox" is about records/,
    );
    expect(mount([application('Mail.Read')] as never[], [owned] as never[])).toThrow(/is about records/);
  });
});
