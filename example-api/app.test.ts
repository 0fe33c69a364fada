import { type Credentials, createTestEntra, forEachBadToken, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.js';
import { permissions } from './permissions.js';
import { people, teams } from './sample-data.js';
import type { Store } from './store.js';
import { databases, openTestStore } from './test-store.js';

const { ada, grace, linus } = people;
const anywhere = '7e570000-0000-4000-8000-00000000dead';
const mail = { to: grace.mail, subject: 'Report', body: 'All is well.' };

const entra = createTestEntra({ permissions });
const { tenant: tenantId, clientId } = entra;
expect.extend(entra.matchers);

for (const { name, objectId } of Object.values(people)) {
  entra.user(name, { objectId });
}
const script = entra.client('script');
const another = entra.client('another script');
const asOwner = entra.asApplication('Mailbox.ReadWrite.OwnedBy', { client: script });
const asAll = entra.asApplication('Mailbox.ReadWrite.All');

describe.each(databases)('the Mailroom API on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let store: Store;
  let app: ReturnType<typeof createApp>;
  let addresses = 0;
  const newAddress = () => `box${++addresses}@mailroom.test`;

  beforeAll(async () => {
    opened = await openTestStore(tenantId, url);
    store = opened.store;
    app = createApp({ store, tenantId, clientId, testAuthority: entra });
  }, 30_000);
  afterAll(() => opened.close());

  async function mailboxOf({ principal }: Pick<typeof script, 'principal'>): Promise<string> {
    const created = await store.createMailbox({ address: newAddress(), displayName: 'Box' }, principal);
    if (!created) {
      throw new Error('The address is taken.');
    }
    return created.id;
  }

  it('lets in exactly those whom permission-matrix.txt names', async () => {
    const mailbox = (principal: typeof script.principal) => mailboxOf({ principal });
    const matrix = await permissionMatrix(app, entra, {
      user: entra.user('Ada'),
      records: { mailbox },
      examples: {
        'POST /users/:id/sendMail': { body: mail },
        'POST /mailboxes': { body: () => ({ address: newAddress(), displayName: 'New' }) },
        'PATCH /mailboxes/:id': { body: { displayName: 'Renamed' } },
        'POST /mailboxes/:id/owners': { params: { id: mailbox }, body: { objectId: anywhere } },
        'POST /mailboxes/:id/forwarding': { body: { to: ada.mail } },
        'GET /teams/:id/messages': { params: { id: String(teams[0]?.id) } },
      },
    });
    await expect(`${matrix}\n`).toMatchFileSnapshot('permission-matrix.txt');
  });

  it('accepts no bad token', async () => {
    await forEachBadToken(entra, (headers) => request(app).get('/mailboxes').set(headers));
    await forEachBadToken(entra, (headers) => request(app).get('/me').set(headers));
  });

  it('sends those without a token a challenge', async () => {
    const { headers } = await request(app).get('/me').expect(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="/);
  });

  it('answers GET /health to everyone', async () => {
    await request(app).get('/health').expect(200, { status: 'ok' });
  });

  describe('what is read', () => {
    it('GET /me is the profile of the signed-in user', async () => {
      const { body } = await request(app).get('/me').set(entra.asUser('Grace', 'User.Read'));
      expect(body).toEqual({ id: grace.objectId, displayName: 'Grace', mail: grace.mail, jobTitle: grace.jobTitle });
    });

    it('GET /users shows names with User.ReadBasic.All, and profiles only with User.Read.All', async () => {
      const keys = async (headers: Credentials) => Object.keys((await request(app).get('/users').set(headers)).body[0]);
      const profile = ['id', 'displayName', 'mail', 'jobTitle'];
      expect(await keys(entra.asUser('Ada', 'User.ReadBasic.All'))).toEqual(['id', 'displayName']);
      expect(await keys(entra.asApplication('User.ReadBasic.All'))).toEqual(['id', 'displayName']);
      expect(await keys(entra.asUser('Ada', 'User.Read.All'))).toEqual(profile);
      expect(await keys(entra.asApplication('User.Read.All'))).toEqual(profile);
      expect(await keys(entra.asApplication(['User.ReadBasic.All', 'User.Read.All']))).toEqual(profile);
    });

    it("a user reads the own mailbox, and no one else's", async () => {
      const asAda = entra.asUser('Ada', 'Mail.Read');
      const { body } = await request(app).get('/me/messages').set(asAda);
      expect(body).toContainEqual(expect.objectContaining({ subject: 'Welcome, Ada' }));
      await request(app).get(`/users/${ada.objectId}/messages`).set(asAda).expect(200, body);
      await request(app).get(`/users/${ada.objectId.toUpperCase()}/messages`).set(asAda).expect(200, body);
      await request(app).get(`/users/${grace.objectId}/messages`).set(asAda).expect(403);
    });

    it('GET /mailboxes lists what the client owns, with .All everything', async () => {
      const [mine, theirs] = [await mailboxOf(script), await mailboxOf(another)];
      const listed = async (headers: Credentials) =>
        (await request(app).get('/mailboxes').set(headers)).body.map(({ id }: { id: string }) => id);
      const own = await listed(asOwner);
      expect(own).toContain(mine);
      expect(own).not.toContain(theirs);
      expect(own).not.toContain(ada.objectId);
      expect(await listed(asAll)).toEqual(expect.arrayContaining([mine, theirs, ada.objectId]));
      const both = entra.asApplication(['Mailbox.ReadWrite.OwnedBy', 'Mailbox.ReadWrite.All'], { client: script });
      expect(await listed(both)).toEqual(expect.arrayContaining([mine, theirs]));
    });

    it('GET /teams/{id}/messages has the messages of its channels', async () => {
      const asBackup = entra.asApplication('ChannelMessage.Read.All');
      const { body } = await request(app).get(`/teams/${teams[0]?.id}/messages`).set(asBackup);
      expect(body.map(({ channel }: { channel: string }) => channel)).toEqual(['General', 'Plans']);
      await request(app).get(`/teams/${anywhere}/messages`).set(asBackup).expect(404);
    });
  });

  describe('what is written', () => {
    const inboxOf = async (objectId: string) =>
      (await request(app).get(`/users/${objectId}/messages`).set(entra.asApplication('Mail.Read'))).body;

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
      const forward = (objectId: string, headers: Credentials) =>
        request(app).post(`/mailboxes/${objectId}/forwarding`).set(headers).send({ to: ada.mail });
      await forward(linus.objectId, asDispatcher).expect(204);
      await forward(grace.objectId, asDispatcher).expect(403);
      await forward(grace.objectId, entra.asUser('Grace', 'MailboxSettings.ReadWrite')).expect(403);

      await request(app)
        .post(`/users/${grace.objectId}/sendMail`)
        .set(entra.asUser('Grace', 'Mail.Send'))
        .send({ to: linus.mail, subject: 'Forwarded', body: 'Twice.' })
        .expect(202);
      for (const { objectId } of [linus, ada]) {
        expect(await inboxOf(objectId)).toContainEqual(expect.objectContaining({ subject: 'Forwarded' }));
      }
    });

    it('a client owns what it creates, whatever the body says', async () => {
      const wanted = { address: newAddress(), displayName: 'Reports' };
      const stolen = { ...wanted, owners: [{ tenantId, objectId: ada.objectId }] };
      await request(app).post('/mailboxes').set(asOwner).send(stolen).expect(400);
      const { body, headers } = await request(app).post('/mailboxes').set(asOwner).send(wanted).expect(201);
      expect(body).toEqual({
        id: body.id,
        ...wanted,
        forwardTo: null,
        owners: [script.principal],
      });
      await request(app)
        .get(headers.location ?? '')
        .set(asOwner)
        .expect(200, body);
      await request(app).post('/mailboxes').set(asOwner).send(wanted).expect(409);
    });

    it('an owner that is added may manage the mailbox; the first one keeps it', async () => {
      const id = await mailboxOf(script);
      await request(app).get(`/mailboxes/${id}`).set(asOwner).expect(200);
      const add = request(app).post(`/mailboxes/${id}/owners`).set(asAll);
      await add.send({ objectId: another.principal.objectId.toUpperCase() }).expect(204);
      const { owners } = (await store.mailbox(id)) ?? {};
      expect(owners).toHaveLength(2);
      expect(owners).toEqual(expect.arrayContaining([script.principal, another.principal]));
    });

    it('PATCH and DELETE take effect on the mailbox that was named', async () => {
      const [id, other] = [await mailboxOf(script), await mailboxOf(script)];
      const { body } = await request(app)
        .patch(`/mailboxes/${id}`)
        .set(asOwner)
        .send({ displayName: 'Renamed' })
        .expect(200);
      expect(body).toEqual(await store.mailbox(id));
      expect(body.displayName).toBe('Renamed');
      await request(app).delete(`/mailboxes/${id}`).set(asOwner).expect(204);
      await request(app).get(`/mailboxes/${id}`).set(asOwner).expect(404);
      await request(app).get(`/mailboxes/${other}`).set(asOwner).expect(200);
    });

    it('nothing is read or written when the owner is removed between the check and the statement', async () => {
      const ownerVanishes: Store = {
        ...store,
        async mailbox(id) {
          const found = await store.mailbox(id);
          await opened.database.deleteFrom('mailbox_owners').where('mailbox_id', '=', id).execute();
          return found;
        },
      };
      const vanishing = createApp({ store: ownerVanishes, tenantId, clientId, testAuthority: entra });
      const before = await inboxOf(grace.objectId);

      const renamed = await mailboxOf(script);
      await request(vanishing).patch(`/mailboxes/${renamed}`).set(asOwner).send({ displayName: 'Renamed' }).expect(404);
      expect(await store.mailbox(renamed)).toMatchObject({ displayName: 'Box' });

      const deleted = await mailboxOf(script);
      await request(vanishing).delete(`/mailboxes/${deleted}`).set(asOwner).expect(404);
      expect(await store.mailbox(deleted)).toBeDefined();

      const sending = entra.asApplication('Mail.Send.OwnedBy', { client: script });
      const sender = await mailboxOf(script);
      await request(vanishing).post(`/users/${sender}/sendMail`).set(sending).send(mail).expect(404);
      expect(await inboxOf(grace.objectId)).toEqual(before);

      const shared = { address: newAddress(), displayName: 'Shared' };
      const { id = '' } = (await store.createMailbox(shared, { tenantId, objectId: ada.objectId })) ?? {};
      await store.deliver(grace.objectId, { kind: 'all' }, { ...mail, to: shared.address });
      const asAda = entra.asUser('Ada', 'Mail.Read');
      expect((await request(app).get(`/users/${id}/messages`).set(asAda)).body).toHaveLength(1);
      await request(vanishing).get(`/users/${id}/messages`).set(asAda).expect(200, []);
    });

    it('the reach of a tenant ends at the tenant', async () => {
      const listed = await store.mailboxes({ kind: 'tenant', tenantId });
      expect(listed.map(({ id }) => id)).toContain(ada.objectId);
      expect(await store.mailboxes({ kind: 'tenant', tenantId: anywhere })).toEqual([]);
    });

    it('many clients can write at once', async () => {
      const create = () =>
        request(app).post('/mailboxes').set(asOwner).send({ address: newAddress(), displayName: 'Many' });
      const answers = await Promise.all(Array.from({ length: 20 }, create));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    });
  });

  describe('bad input', () => {
    it.each(['42', 'null', `${ada.objectId}0`, "'; drop table users; --", '{7e570000-0000-4000-8000-0000000000a1}'])(
      'an id like %s is 404',
      async (id) => {
        await request(app)
          .get(`/mailboxes/${encodeURIComponent(id)}`)
          .set(asAll)
          .expect(404);
        await request(app)
          .post(`/mailboxes/${encodeURIComponent(id)}/owners`)
          .set(asAll)
          .send({ objectId: anywhere })
          .expect(404);
        const asBackup = entra.asApplication('ChannelMessage.Read.All');
        await request(app)
          .get(`/teams/${encodeURIComponent(id)}/messages`)
          .set(asBackup)
          .expect(404);
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
      const asAda = entra.asUser('Ada', 'Mail.Send');
      const answer = await request(app)
        .post(`/users/${ada.objectId}/sendMail`)
        .set(asAda)
        .send(body as object);
      expect(answer.status).toBe(400);
      expect(answer.type).toBe('application/problem+json');
      expect(answer.body.detail).toMatch(detail);
    });

    it('an unknown recipient is 422', async () => {
      const asAda = entra.asUser('Ada', 'Mail.Send');
      const to = 'nobody@mailroom.test';
      await request(app)
        .post(`/users/${ada.objectId}/sendMail`)
        .set(asAda)
        .send({ ...mail, to })
        .expect(422);
    });

    it.each([
      ['JSON that breaks off', '{"to":', 400],
      ['a body without end', JSON.stringify({ body: 'a'.repeat(200_000) }), 413],
    ])('%s is answered as a problem', async (_what, body, status) => {
      const asAda = entra.asUser('Ada', 'Mail.Send');
      const { type } = await request(app)
        .post(`/users/${ada.objectId}/sendMail`)
        .set(asAda)
        .type('application/json')
        .send(body)
        .expect(status);
      expect(type).toBe('application/problem+json');
    });

    it.each([['x'], [7], [null], [['a']]])('an owner %j is 400', async (objectId) => {
      await request(app).post(`/mailboxes/${ada.objectId}/owners`).set(asAll).send({ objectId }).expect(400);
    });
  });
});
