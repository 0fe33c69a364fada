import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.js';
import { mailroomRegistration } from './local-entra.js';
import { permissions } from './permissions.js';
import { people, teams } from './sample-data.js';
import { databases, type Mailroom, startMailroom } from './start-mailroom.js';
import type { Store } from './store.js';

const { ada, grace } = people;
const anywhere = '7e570000-0000-4000-8000-00000000dead';
const mail = { to: grace.mail, subject: 'Report', body: 'All is well.' };
const namesOf = (kind: 'delegated' | 'application') =>
  Object.entries(permissions.catalogue).flatMap(([name, entry]) => (kind in entry ? [name] : []));

interface Row {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** `:own` is a mailbox that the calling client owns, `:ada` Ada's, `:team` a team. */
  path: string;
  body?: object;
  success: number;
  /** The scopes with which Ada may, and the app roles with which a client may. Every other one is refused. */
  delegated: readonly string[];
  application: readonly string[];
}

const row = (method: Row['method'], path: string, success: number, grants: Partial<Row>): Row => ({
  method,
  path,
  success,
  delegated: [],
  application: [],
  ...grants,
});
const names = ['User.ReadBasic.All', 'User.Read.All'];
const manage = ['Mailbox.ReadWrite.OwnedBy', 'Mailbox.ReadWrite.All'];
const all = ['Mailbox.ReadWrite.All'];
const rename = { body: { displayName: 'Renamed' } };
const newOwner = { body: { objectId: anywhere } };

const table: readonly Row[] = [
  row('get', '/me', 200, { delegated: ['User.Read'] }),
  row('get', '/me/messages', 200, { delegated: ['Mail.Read'] }),
  row('get', '/users', 200, { delegated: names, application: names }),
  row('get', '/users/:ada/messages', 200, { delegated: ['Mail.Read'], application: ['Mail.Read'] }),
  row('get', '/users/:own/messages', 200, { application: ['Mail.Read'] }),
  row('post', '/users/:ada/sendMail', 202, { body: mail, delegated: ['Mail.Send'], application: ['Mail.Send'] }),
  row('post', '/users/:own/sendMail', 202, { body: mail, application: ['Mail.Send', 'Mail.Send.OwnedBy'] }),
  row('get', '/mailboxes', 200, { application: manage }),
  row('post', '/mailboxes', 201, { application: manage }),
  row('get', '/mailboxes/:own', 200, { application: manage }),
  row('patch', '/mailboxes/:own', 200, { ...rename, application: manage }),
  row('delete', '/mailboxes/:own', 204, { application: manage }),
  row('get', '/mailboxes/:ada', 200, { application: all }),
  row('patch', '/mailboxes/:ada', 200, { ...rename, application: all }),
  row('post', '/mailboxes/:own/owners', 204, { ...newOwner, application: all }),
  row('post', '/mailboxes/:ada/forwarding', 204, { body: { to: ada.mail } }),
  row('get', '/teams', 200, { delegated: ['Team.ReadBasic.All'], application: ['Team.ReadBasic.All'] }),
  row('get', '/teams/:team/messages', 200, { application: ['ChannelMessage.Read.All'] }),
];

describe.each(databases)('the Mailroom API on $name', ({ url }) => {
  let mailroom: Mailroom;
  let store: Store;
  let addresses = 0;
  const newAddress = () => `box${++addresses}@mailroom.test`;

  beforeAll(async () => {
    const clients = Object.fromEntries(namesOf('application').map((name) => [name, [name]]));
    mailroom = await startMailroom({ ...clients, Another: manage, 'Both sizes': [...names, ...manage] }, url);
    store = mailroom.store;
  }, 30_000);
  afterAll(() => mailroom.stop());

  const send = (method: Row['method'], path: string, authorization?: string) => {
    const call = request(mailroom.app)[method](path);
    return authorization === undefined ? call : call.set('Authorization', authorization);
  };
  const principal = (client: string) => ({
    tenantId: mailroom.entra.tenantId,
    objectId: mailroom.clientCalled(client).servicePrincipalId,
  });
  async function mailboxOf(client: string): Promise<string> {
    const created = await store.createMailbox({ address: newAddress(), displayName: client }, principal(client));
    if (!created) {
      throw new Error('The address is taken.');
    }
    return created.id;
  }
  async function call({ method, path, body }: Row, authorization: string, own: string) {
    const at = path.replace(':ada', ada.objectId).replace(':own', own).replace(':team', String(teams[0]?.id));
    const given = method === 'post' && path === '/mailboxes' ? { address: newAddress(), displayName: 'New' } : body;
    const { status } = await send(method, at, authorization).send(given);
    return status;
  }

  describe.each(table)('$method $path', (route) => {
    it('admits exactly the clients whose app role the table names', async () => {
      const answers: Record<string, number> = {};
      for (const name of namesOf('application')) {
        answers[name] = await call(route, await mailroom.as(name), await mailboxOf(name));
      }
      const expected = namesOf('application').map((name) => [
        name,
        route.application.includes(name) ? route.success : 403,
      ]);
      expect(answers).toEqual(Object.fromEntries(expected));
    });

    it('admits exactly the scopes that the table names, of a user', async () => {
      const answers: Record<string, number> = {};
      const own = await mailboxOf('Another');
      for (const name of namesOf('delegated')) {
        answers[name] = await call(route, mailroom.asUser('Ada', [name]), own);
      }
      const expected = namesOf('delegated').map((name) => [name, route.delegated.includes(name) ? route.success : 403]);
      expect(answers).toEqual(Object.fromEntries(expected));
    });

    it('is closed to those who bring no token', async () => {
      const { status, headers } = await send(route.method, route.path.replace(/:\w+/, anywhere));
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toMatch(/^Bearer /);
    });
  });

  it('answers GET /health to everyone', async () => {
    await send('get', '/health').expect(200, { status: 'ok' });
  });

  describe('what is read', () => {
    it('GET /me is the profile of the signed-in user', async () => {
      const { body } = await send('get', '/me', mailroom.asUser('Grace', ['User.Read']));
      expect(body).toEqual({ id: grace.objectId, displayName: 'Grace', mail: grace.mail, jobTitle: grace.jobTitle });
    });

    it('GET /users shows names with User.ReadBasic.All, and profiles only with User.Read.All', async () => {
      const keys = async (authorization: string) => Object.keys((await send('get', '/users', authorization)).body[0]);
      const profile = ['id', 'displayName', 'mail', 'jobTitle'];
      expect(await keys(mailroom.asUser('Ada', ['User.ReadBasic.All']))).toEqual(['id', 'displayName']);
      expect(await keys(await mailroom.as('User.ReadBasic.All'))).toEqual(['id', 'displayName']);
      expect(await keys(mailroom.asUser('Ada', ['User.Read.All']))).toEqual(profile);
      expect(await keys(await mailroom.as('User.Read.All'))).toEqual(profile);
      expect(await keys(await mailroom.as('Both sizes'))).toEqual(profile);
    });

    it("a user reads the own mailbox, and no one else's", async () => {
      const asAda = mailroom.asUser('Ada', ['Mail.Read']);
      const { body } = await send('get', '/me/messages', asAda);
      expect(body).toContainEqual(expect.objectContaining({ subject: 'Welcome, Ada' }));
      await send('get', `/users/${ada.objectId}/messages`, asAda).expect(200, body);
      await send('get', `/users/${ada.objectId.toUpperCase()}/messages`, asAda).expect(200, body);
      await send('get', `/users/${grace.objectId}/messages`, asAda).expect(403);
    });

    it('GET /mailboxes lists what the client owns, with .All everything', async () => {
      const [mine, theirs] = [await mailboxOf('Mailbox.ReadWrite.OwnedBy'), await mailboxOf('Another')];
      const listed = async (client: string) =>
        (await send('get', '/mailboxes', await mailroom.as(client))).body.map(({ id }: { id: string }) => id);
      const own = await listed('Mailbox.ReadWrite.OwnedBy');
      expect(own).toContain(mine);
      expect(own).not.toContain(theirs);
      expect(own).not.toContain(ada.objectId);
      expect(await listed('Mailbox.ReadWrite.All')).toEqual(expect.arrayContaining([mine, theirs, ada.objectId]));
      expect(await listed('Both sizes')).toEqual(expect.arrayContaining([mine, theirs]));
    });

    it('GET /teams/{id}/messages has the messages of its channels', async () => {
      const asBackup = await mailroom.as('ChannelMessage.Read.All');
      const { body } = await send('get', `/teams/${teams[0]?.id}/messages`, asBackup);
      expect(body.map(({ channel }: { channel: string }) => channel)).toEqual(['General', 'Plans']);
      await send('get', `/teams/${anywhere}/messages`, asBackup).expect(404);
    });
  });

  describe('what is written', () => {
    const inboxOf = async (objectId: string) =>
      (await send('get', `/users/${objectId}/messages`, await mailroom.as('Mail.Read'))).body;

    it('sendMail puts the message into the mailbox of the recipient, under the name of the sender', async () => {
      const subject = "Robert'); DROP TABLE messages;--";
      await send('post', `/users/${ada.objectId}/sendMail`, mailroom.asUser('Ada', ['Mail.Send']))
        .send({ ...mail, to: grace.mail.toUpperCase(), subject })
        .expect(202);
      expect(await inboxOf(grace.objectId)).toContainEqual(
        expect.objectContaining({ from: ada.mail, subject, body: mail.body }),
      );
    });

    it('forwarding, for a dispatcher, puts a copy into another mailbox', async () => {
      const asDispatcher = mailroom.asUser('Linus', ['MailboxSettings.ReadWrite'], ['Mail.Dispatcher']);
      const forward = (objectId: string, authorization: string) =>
        send('post', `/mailboxes/${objectId}/forwarding`, authorization).send({ to: ada.mail });
      await forward(people.linus.objectId, asDispatcher).expect(204);
      await forward(grace.objectId, asDispatcher).expect(403);
      await forward(grace.objectId, mailroom.asUser('Grace', ['MailboxSettings.ReadWrite'])).expect(403);

      await send('post', `/users/${grace.objectId}/sendMail`, mailroom.asUser('Grace', ['Mail.Send']))
        .send({ to: people.linus.mail, subject: 'Forwarded', body: 'Twice.' })
        .expect(202);
      for (const { objectId } of [people.linus, ada]) {
        expect(await inboxOf(objectId)).toContainEqual(expect.objectContaining({ subject: 'Forwarded' }));
      }
    });

    it('a client owns what it creates, whatever the body says', async () => {
      const asClient = await mailroom.as('Mailbox.ReadWrite.OwnedBy');
      const wanted = { address: newAddress(), displayName: 'Reports' };
      const stolen = { ...wanted, owners: [{ tenantId: mailroom.entra.tenantId, objectId: ada.objectId }] };
      await send('post', '/mailboxes', asClient).send(stolen).expect(400);
      const { body, headers } = await send('post', '/mailboxes', asClient).send(wanted).expect(201);
      expect(body).toEqual({
        id: body.id,
        ...wanted,
        forwardTo: null,
        owners: [principal('Mailbox.ReadWrite.OwnedBy')],
      });
      await send('get', headers.location ?? '', asClient).expect(200, body);
      await send('post', '/mailboxes', asClient).send(wanted).expect(409);
    });

    it('an owner that is added may manage the mailbox; the first one keeps it', async () => {
      const id = await mailboxOf('Mailbox.ReadWrite.OwnedBy');
      await send('get', `/mailboxes/${id}`, await mailroom.as('Mailbox.ReadWrite.OwnedBy')).expect(200);
      const add = send('post', `/mailboxes/${id}/owners`, await mailroom.as('Mailbox.ReadWrite.All'));
      await add.send({ objectId: principal('Another').objectId.toUpperCase() }).expect(204);
      const { owners } = (await store.mailbox(id)) ?? {};
      expect(owners).toHaveLength(2);
      expect(owners).toEqual(expect.arrayContaining([principal('Mailbox.ReadWrite.OwnedBy'), principal('Another')]));
    });

    it('PATCH and DELETE take effect on the mailbox that was named', async () => {
      const [id, other] = [await mailboxOf('Mailbox.ReadWrite.OwnedBy'), await mailboxOf('Mailbox.ReadWrite.OwnedBy')];
      const asClient = await mailroom.as('Mailbox.ReadWrite.OwnedBy');
      const { body } = await send('patch', `/mailboxes/${id}`, asClient).send({ displayName: 'Renamed' }).expect(200);
      expect(body).toEqual(await store.mailbox(id));
      expect(body.displayName).toBe('Renamed');
      await send('delete', `/mailboxes/${id}`, asClient).expect(204);
      await send('get', `/mailboxes/${id}`, asClient).expect(404);
      await send('get', `/mailboxes/${other}`, asClient).expect(200);
    });

    it('nothing is read or written when the owner is removed between the check and the statement', async () => {
      const { tenantId, origin } = mailroom.entra;
      const ownerVanishes: Store = {
        ...store,
        async mailbox(id) {
          const found = await store.mailbox(id);
          await mailroom.database.deleteFrom('mailbox_owners').where('mailbox_id', '=', id).execute();
          return found;
        },
      };
      const { clientId } = mailroomRegistration;
      const app = createApp({ store: ownerVanishes, tenantId, clientId, testAuthority: origin });
      const before = await inboxOf(grace.objectId);

      const managing = await mailroom.as('Mailbox.ReadWrite.OwnedBy');
      const renamed = await mailboxOf('Mailbox.ReadWrite.OwnedBy');
      await request(app).patch(`/mailboxes/${renamed}`).set('Authorization', managing).send(rename.body).expect(404);
      expect(await store.mailbox(renamed)).toMatchObject({ displayName: 'Mailbox.ReadWrite.OwnedBy' });

      const deleted = await mailboxOf('Mailbox.ReadWrite.OwnedBy');
      await request(app).delete(`/mailboxes/${deleted}`).set('Authorization', managing).expect(404);
      expect(await store.mailbox(deleted)).toBeDefined();

      const sending = await mailroom.as('Mail.Send.OwnedBy');
      const sender = await mailboxOf('Mail.Send.OwnedBy');
      await request(app).post(`/users/${sender}/sendMail`).set('Authorization', sending).send(mail).expect(404);
      expect(await inboxOf(grace.objectId)).toEqual(before);

      const shared = { address: newAddress(), displayName: 'Shared' };
      const { id = '' } = (await store.createMailbox(shared, { tenantId, objectId: ada.objectId })) ?? {};
      await store.deliver(grace.objectId, { kind: 'all' }, { ...mail, to: shared.address });
      const asAda = mailroom.asUser('Ada', ['Mail.Read']);
      expect((await send('get', `/users/${id}/messages`, asAda)).body).toHaveLength(1);
      await request(app).get(`/users/${id}/messages`).set('Authorization', asAda).expect(200, []);
    });

    it('the reach of a tenant ends at the tenant', async () => {
      const { tenantId } = mailroom.entra;
      const listed = await store.mailboxes({ kind: 'tenant', tenantId });
      expect(listed.map(({ id }) => id)).toContain(ada.objectId);
      expect(await store.mailboxes({ kind: 'tenant', tenantId: anywhere })).toEqual([]);
    });

    it('many clients can write at once', async () => {
      const asClient = await mailroom.as('Mailbox.ReadWrite.OwnedBy');
      const create = () => send('post', '/mailboxes', asClient).send({ address: newAddress(), displayName: 'Many' });
      const answers = await Promise.all(Array.from({ length: 20 }, create));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    });
  });

  describe('bad input', () => {
    it.each(['42', 'null', `${ada.objectId}0`, "'; drop table users; --", '{7e570000-0000-4000-8000-0000000000a1}'])(
      'an id like %s is 404',
      async (id) => {
        const asAll = await mailroom.as('Mailbox.ReadWrite.All');
        await send('get', `/mailboxes/${encodeURIComponent(id)}`, asAll).expect(404);
        await send('post', `/mailboxes/${encodeURIComponent(id)}/owners`, asAll)
          .send(newOwner.body)
          .expect(404);
        const asBackup = await mailroom.as('ChannelMessage.Read.All');
        await send('get', `/teams/${encodeURIComponent(id)}/messages`, asBackup).expect(404);
      },
    );

    it.each<[string, unknown, RegExp]>([
      ['no body', undefined, /must be/],
      ['a list', [], /must be a JSON object/],
      ['no recipient', { ...mail, to: undefined }, /"to" must be a mail address/],
      ['a recipient that is no text', { ...mail, to: { $ne: '' } }, /"to" must be a mail address/],
      ['an empty subject', { ...mail, subject: ' ' }, /"subject" must be a text of 1 to 255/],
      ['a body that the database cannot hold', { ...mail, body: 'a\0b' }, /"body" must be a text/],
      ['a member too many', { ...mail, from: grace.mail }, /to, subject, body and nothing else/],
    ])('sendMail with %s is 400 and says why', async (_what, body, detail) => {
      const asAda = mailroom.asUser('Ada', ['Mail.Send']);
      const answer = await send('post', `/users/${ada.objectId}/sendMail`, asAda).send(body as object);
      expect(answer.status).toBe(400);
      expect(answer.type).toBe('application/problem+json');
      expect(answer.body.detail).toMatch(detail);
    });

    it('an unknown recipient is 422', async () => {
      const asAda = mailroom.asUser('Ada', ['Mail.Send']);
      const to = 'nobody@mailroom.test';
      await send('post', `/users/${ada.objectId}/sendMail`, asAda)
        .send({ ...mail, to })
        .expect(422);
    });

    it.each([
      ['JSON that breaks off', '{"to":', 400],
      ['a body without end', JSON.stringify({ body: 'a'.repeat(200_000) }), 413],
    ])('%s is answered as a problem', async (_what, body, status) => {
      const asAda = mailroom.asUser('Ada', ['Mail.Send']);
      const { type } = await send('post', `/users/${ada.objectId}/sendMail`, asAda)
        .type('application/json')
        .send(body)
        .expect(status);
      expect(type).toBe('application/problem+json');
    });

    it.each([['x'], [7], [null], [['a']]])('an owner %j is 400', async (objectId) => {
      const asAll = await mailroom.as('Mailbox.ReadWrite.All');
      await send('post', `/mailboxes/${ada.objectId}/owners`, asAll).send({ objectId }).expect(400);
    });
  });
});
