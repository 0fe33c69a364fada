import type { Express } from 'express';
import type { Principal } from 'express-app-roles';
import { type Credentials, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../records.js';
import { people } from '../sample-data.js';
import { createTestApp } from '../test-app.js';
import { entra } from '../test-entra.js';
import { databases, openTestStore } from '../test-store.js';
import { messageRoutes } from './routes.js';

const { ada, grace, linus } = people;
const { tenant: tenantId } = entra;
const everything = { kind: 'all' } as const;
const mail = { to: grace.mail, subject: 'Report', body: 'All is well.' };
const script = entra.client('script');

expect.extend(entra.matchers);

describe.each(databases)('mail on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let store: Store;
  let app: Express;
  let addresses = 0;

  beforeAll(async () => {
    opened = await openTestStore(tenantId, url);
    store = opened.store;
    app = createTestApp((app) => messageRoutes(app, store));
  });
  afterAll(() => opened.close());

  async function mailboxOf(owner: Principal): Promise<string> {
    const address = `box${++addresses}@mailroom.test`;
    const { id = '' } = (await store.mailboxes.create({ address, displayName: 'Box' }, owner)) ?? {};
    return id;
  }

  const inboxOf = async (objectId: string) =>
    (await request(app).get(`/users/${objectId}/messages`).set(entra.asApplication('Mail.Read'))).body;

  const send = (from: string, headers: Credentials) =>
    request(app).post(`/users/${from}/sendMail`).set(headers).send(mail);

  /** Everything that lets its owner send from it: owned, selected, and in a scope of its own. */
  async function openMailboxOf(owner: Principal): Promise<string> {
    const { assignments, mailboxes } = store;
    const [id, department] = [await mailboxOf(owner), `of ${owner.objectId}`];
    const scope = { tenantId, record: 'mailbox', name: owner.objectId };
    const { name, record } = scope;
    await mailboxes.update([id], everything, { department });
    await assignments.putSelection({ record, key: id, client: owner, roles: ['send'] });
    await assignments.putScope({ ...scope, filter: { department } });
    const assignment = { record, scope: name, client: owner, permission: 'Mail.Send.Scoped', reason: undefined };
    await assignments.assign({ ...assignment, createdBy: owner });
    return id;
  }

  async function newScope(): Promise<string> {
    const name = `scope${++addresses}`;
    await store.assignments.putScope({ tenantId, record: 'mailbox', name, filter: { department: 'sales' } });
    return name;
  }

  it('lets in exactly those whom permission-matrix.txt names', async () => {
    const client = entra.client('any client').principal;
    const permission = 'Mail.Send.Scoped';
    let scope = '';
    const matrix = await permissionMatrix(app, entra, {
      user: entra.user('Ada'),
      records: { mailbox: openMailboxOf },
      examples: {
        'POST /users/:id/sendMail': { body: mail },
        'POST /mailboxes/:id/forwarding': { body: { to: ada.mail } },
        'GET /mailboxes/:id/selections': { params: { id: openMailboxOf } },
        'PUT /mailboxes/:id/selections/:client': {
          params: { id: openMailboxOf, client: client.objectId },
          body: { roles: ['send'] },
        },
        'DELETE /mailboxes/:id/selections/:client': {
          params: { id: openMailboxOf, client: ({ objectId }) => objectId },
        },
        'GET /mailboxes/:id/senders/:client': { params: { id: openMailboxOf, client: client.objectId } },
        'PUT /mailbox-scopes/:scope': { params: { scope: 'sales' }, body: { filter: { department: 'sales' } } },
        'DELETE /mailbox-scopes/:scope': { params: { scope: newScope } },
        'GET /mailbox-scopes/:scope/assignments': { params: { scope: newScope } },
        'POST /mailbox-scopes/:scope/assignments': {
          params: { scope: newScope },
          body: { client: client.objectId, permission, reason: 'Newsletter' },
        },
        'DELETE /mailbox-scopes/:scope/assignments/:assignment': {
          params: {
            scope: async () => (scope = await newScope()),
            assignment: async () => {
              const assignment = { record: 'mailbox', scope, client, permission, reason: undefined };
              const assigned = await store.assignments.assign({ ...assignment, createdBy: client });
              return typeof assigned === 'object' ? assigned.id : assigned;
            },
          },
        },
      },
    });
    await expect(`${matrix}\n`).toMatchFileSnapshot('permission-matrix.txt');
  });

  it("a user reads the own mailbox, and no one else's", async () => {
    const asAda = entra.asUser('Ada', 'Mail.Read');
    const { body } = await request(app).get('/me/messages').set(asAda);
    expect(body).toContainEqual(expect.objectContaining({ subject: 'Welcome, Ada' }));
    await request(app).get(`/users/${ada.objectId}/messages`).set(asAda).expect(200, body);
    await request(app).get(`/users/${ada.objectId.toUpperCase()}/messages`).set(asAda).expect(200, body);
    await request(app).get(`/users/${grace.objectId}/messages`).set(asAda).expect(403);
  });

  it('sendMail puts the message into the mailbox of the recipient, under the name of the sender', async () => {
    const subject = "Robert'); DROP TABLE messages;--";
    await request(app)
      .post(`/users/${ada.objectId}/sendMail`)
      .set(entra.asUser('Ada', 'Mail.Send'))
      .send({ ...mail, to: grace.mail.toUpperCase(), subject })
      .expect(202);
    expect(await inboxOf(grace.objectId)).toContainEqual(
      expect.objectContaining({ from: ada.mail, subject, body: mail.body }),
    );
  });

  it('forwarding, for a dispatcher, puts a copy into another mailbox', async () => {
    const asDispatcher = entra.asUser('Linus', 'MailboxSettings.ReadWrite', { userRoles: ['Mail.Dispatcher'] });
    const forward = (objectId: string, headers: Credentials, to = ada.mail) =>
      request(app).post(`/mailboxes/${objectId}/forwarding`).set(headers).send({ to });
    await forward(linus.objectId, asDispatcher, grace.mail).expect(204);
    await forward(linus.objectId, asDispatcher).expect(204);
    await forward(grace.objectId, asDispatcher).expect(403);
    await forward(grace.objectId, entra.asUser('Grace', 'MailboxSettings.ReadWrite')).expect(403);
    await forward(linus.objectId, asDispatcher, 'nobody@mailroom.test').expect(422);

    await request(app)
      .post(`/users/${grace.objectId}/sendMail`)
      .set(entra.asUser('Grace', 'Mail.Send'))
      .send({ to: linus.mail, subject: 'Forwarded', body: 'Twice.' })
      .expect(202);
    for (const { objectId } of [linus, ada]) {
      expect(await inboxOf(objectId)).toContainEqual(expect.objectContaining({ subject: 'Forwarded' }));
    }
  });

  describe('scoped permissions', () => {
    const asAdministrator = entra.asApplication('Assignment.ReadWrite.All');
    const administer = (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
      request(app)[method](path).set(asAdministrator);
    const asSelected = entra.asApplication('Mail.Send.Selected', { client: script });
    const asScoped = entra.asApplication('Mail.Send.Scoped', { client: script });
    const { objectId } = script.principal;

    it('Selected: a mailbox is granted to a client, and taken away', async () => {
      const selection = `/mailboxes/${ada.objectId}/selections/${objectId}`;
      expect(await send(ada.objectId, asSelected)).toBeRefused('not_selected');
      await administer('put', selection)
        .send({ roles: ['send'] })
        .expect(201);
      await send(ada.objectId, asSelected).expect(202);
      await send(grace.objectId, asSelected).expect(403);
      await send(ada.objectId, entra.asApplication('Mail.Send.OwnedBy', { client: script })).expect(403);
      await administer('delete', selection).expect(204);
      await send(ada.objectId, asSelected).expect(403);
    });

    it('within scopes: a client is assigned to departments, asked about, and unassigned', async () => {
      const assigned = { client: objectId, permission: 'Mail.Send.Scoped', reason: 'Release notes' };
      expect(await send(linus.objectId, asScoped)).toBeRefused('out_of_scope');
      await administer('put', '/mailbox-scopes/tools')
        .send({ filter: { department: 'tools' } })
        .expect(201);
      const { body } = await administer('post', '/mailbox-scopes/tools/assignments').send(assigned).expect(201);
      await send(linus.objectId, asScoped).expect(202);
      await send(ada.objectId, asScoped).expect(403);

      const ask = async (mailbox: string) =>
        (await administer('get', `/mailboxes/${mailbox}/senders/${objectId}`).expect(200)).body.grants.find(
          ({ permissions }: { permissions: string[] }) => permissions.includes('Mail.Send.Scoped'),
        );
      const through = { assignment: body.id, scope: 'tools', filter: { department: 'tools' } };
      expect(await ask(linus.objectId)).toMatchObject({
        outcome: 'matched',
        assignments: [{ ...through, isInScope: true }],
      });
      expect(await ask(ada.objectId)).toMatchObject({
        outcome: 'out-of-scope',
        assignments: [{ ...through, isInScope: false }],
      });

      await administer('delete', `/mailbox-scopes/tools/assignments/${body.id}`).expect(204);
      await send(linus.objectId, asScoped).expect(403);
    });

    it('GET /senders lists exactly the mailboxes that the caller can send from', async () => {
      const { assignments, mailboxes } = store;
      await administer('put', `/mailboxes/${ada.objectId}/selections/${objectId}`).send({ roles: ['send'] });
      await openMailboxOf(script.principal);
      await openMailboxOf(entra.client('another script').principal);
      await mailboxes.addOwner(grace.objectId, everything, script.principal);
      await assignments.putSelection({
        record: 'mailbox',
        key: await mailboxOf(script.principal),
        client: script.principal,
        roles: ['send'],
      });
      const all = (await mailboxes.list(everything)).map(({ id }) => id);

      const single = ['Mail.Send', 'Mail.Send.OwnedBy', 'Mail.Send.Selected', 'Mail.Send.Scoped'] as const;
      const lists: string[][] = [];
      for (const held of [
        ...single.map((name) => [name]),
        ['Mail.Send.OwnedBy', 'Mail.Send.Selected', 'Mail.Send.Scoped'] as const,
      ]) {
        const headers = entra.asApplication([...held], { client: script });
        const { body } = await request(app).get('/senders').set(headers).expect(200);
        const admitted: string[] = [];
        for (const id of all) {
          if ((await send(id, headers)).status === 202) {
            admitted.push(id);
          }
        }
        lists.push(admitted);
        expect(body.map(({ id }: { id: string }) => id)).toEqual(admitted);
      }
      expect(new Set(lists.map(String)).size).toBe(lists.length);
    });
  });

  it('nothing is read or sent when the owner changes between the check and the statement', async () => {
    const ownerVanishes: Store = {
      ...store,
      mailboxes: {
        ...store.mailboxes,
        async find(id) {
          const found = await store.mailboxes.find(id);
          await store.mailboxes.setOwners(id, everything, [entra.client('another script').principal]);
          return found;
        },
      },
    };
    const vanishing = createTestApp((app) => messageRoutes(app, ownerVanishes));
    const before = await inboxOf(grace.objectId);
    const sender = await mailboxOf(script.principal);
    await request(vanishing)
      .post(`/users/${sender}/sendMail`)
      .set(entra.asApplication('Mail.Send.OwnedBy', { client: script }))
      .send(mail)
      .expect(404);
    expect(await inboxOf(grace.objectId)).toEqual(before);

    const shared = await mailboxOf(entra.user('Ada').principal);
    const { address = '' } = (await store.mailboxes.find(shared)) ?? {};
    await store.messages.deliver(grace.objectId, everything, { ...mail, to: address });
    const asAda = entra.asUser('Ada', ['Mail.Read', 'MailboxSettings.ReadWrite'], { userRoles: ['Mail.Dispatcher'] });
    expect((await request(app).get(`/users/${shared}/messages`).set(asAda)).body).toHaveLength(1);
    await request(vanishing).get(`/users/${shared}/messages`).set(asAda).expect(200, []);

    const forwarded = await mailboxOf(entra.user('Ada').principal);
    await request(vanishing).post(`/mailboxes/${forwarded}/forwarding`).set(asAda).send({ to: ada.mail }).expect(404);
  });

  it.each<[string, unknown, RegExp]>([
    ['no body', undefined, /must be/],
    ['a list', [], /must be a JSON object/],
    ['no recipient', { ...mail, to: undefined }, /"to" must be a mail address/],
    ['a recipient that is no text', { ...mail, to: { $ne: '' } }, /"to" must be a mail address/],
    ['an empty subject', { ...mail, subject: ' ' }, /"subject" must be a text of 1 to 255/],
    ['a body that the database cannot hold', { ...mail, body: 'a\0b' }, /"body" must be a text/],
    ['a member too many', { ...mail, from: grace.mail }, /to, subject, body and nothing else/],
  ])('sendMail with %s is 400 and says why', async (_what, body, detail) => {
    const answer = await request(app)
      .post(`/users/${ada.objectId}/sendMail`)
      .set(entra.asUser('Ada', 'Mail.Send'))
      .send(body as object);
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body.detail).toMatch(detail);
  });

  it('an unknown recipient is 422', async () => {
    const asAda = entra.asUser('Ada', 'Mail.Send');
    const unknown = { ...mail, to: 'nobody@mailroom.test' };
    await request(app).post(`/users/${ada.objectId}/sendMail`).set(asAda).send(unknown).expect(422);
  });
});
