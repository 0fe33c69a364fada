import type { Express } from 'express';
import type { Principal } from 'express-app-roles';
import { permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp } from '../test-app.js';
import { entra } from '../test-entra.js';
import { databases, openTestStore } from '../test-store.js';
import { mailboxRoutes } from './routes.js';
import type { MailboxStore } from './store.js';

const anywhere = '7e570000-0000-4000-8000-00000000dead';
const ada = entra.user('Ada');
const script = entra.client('script');
const another = entra.client('another script');
const asAda = entra.asUser('Ada', 'Mailbox.ReadWrite');
const asScript = entra.asApplication('Mailbox.ReadWrite.OwnedBy', { client: script });
const asAnother = entra.asApplication('Mailbox.ReadWrite.OwnedBy', { client: another });
const asAll = entra.asApplication('Mailbox.ReadWrite.All');
const owning = [
  { owner: 'a user', principal: ada.principal, headers: asAda },
  { owner: 'a client', principal: script.principal, headers: asScript },
];

expect.extend(entra.matchers);

describe.each(databases)('mailboxes on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let store: MailboxStore;
  let app: Express;
  let addresses = 0;
  const newAddress = () => `mailbox${++addresses}@mailroom.test`;

  beforeAll(async () => {
    opened = await openTestStore(entra.tenant, url);
    store = opened.store.mailboxes;
    app = createTestApp((app) => mailboxRoutes(app, store));
  });
  afterAll(() => opened.close());

  async function mailboxOf(owner: Principal, displayName = 'Reports'): Promise<string> {
    const created = await store.create({ address: newAddress(), displayName }, owner);
    if (!created) {
      throw new Error('The address is taken.');
    }
    return created.id;
  }

  const ownersOf = async (id: string) => (await store.find(id))?.owners.map(({ objectId }) => objectId).sort();

  it('lets in exactly those whom permission-matrix.txt names', async () => {
    const made: string[] = [];
    const mailbox = async (owner: Principal) => {
      const id = await mailboxOf(owner);
      await store.addOwner(id, { kind: 'all' }, { tenantId: entra.tenant, objectId: anywhere });
      made.push(id);
      return id;
    };
    const matrix = await permissionMatrix(app, entra, {
      records: { mailbox },
      examples: {
        'GET /mailboxes/count': { shows: 'no records' },
        'PATCH /mailboxes': { body: () => ({ ids: made.slice(-100), displayName: 'Renamed' }) },
        'POST /mailboxes': { body: () => ({ address: newAddress(), displayName: 'New' }) },
        'PATCH /mailboxes/:id': { body: { displayName: 'Renamed' } },
        'PUT /mailboxes/:id/department': { params: { id: mailbox }, body: { department: 'sales' } },
        'POST /mailboxes/:id/owners': { params: { id: mailbox }, body: { objectId: anywhere } },
        'PUT /mailboxes/:id/owners': { params: { id: mailbox }, body: { objectIds: [anywhere] } },
        'DELETE /mailboxes/:id/owners/:owner': { params: { id: mailbox, owner: anywhere } },
      },
    });
    await expect(`${matrix}\n`).toMatchFileSnapshot('permission-matrix.txt');
  });

  describe.each(owning)('$owner', ({ principal, headers }) => {
    it('owns what it creates, whatever the body says', async () => {
      const wanted = { address: newAddress(), displayName: 'Reports' };
      const stolen = { ...wanted, owners: [another.principal] };
      await request(app).post('/mailboxes').set(headers).send(stolen).expect(400);
      const { body, headers: answered } = await request(app).post('/mailboxes').set(headers).send(wanted).expect(201);
      expect(body).toEqual({ id: body.id, ...wanted, department: null, owners: [principal] });
      await request(app)
        .get(answered.location ?? '')
        .set(headers)
        .expect(200, body);
      await request(app).post('/mailboxes').set(headers).send(wanted).expect(409);
    });

    it('changes and deletes its own, and no other', async () => {
      const [own, other] = [await mailboxOf(principal), await mailboxOf(another.principal)];
      const renamed = { displayName: 'Renamed' };
      const { body } = await request(app).patch(`/mailboxes/${own}`).set(headers).send(renamed).expect(200);
      expect(body).toEqual(await store.find(own));
      expect(body.displayName).toBe('Renamed');
      const refused = await request(app).patch(`/mailboxes/${other}`).set(headers).send(renamed);
      expect(refused).toBeRefused('not_owner');
      await request(app).delete(`/mailboxes/${other}`).set(headers).expect(403);
      await request(app).delete(`/mailboxes/${own}`).set(headers).expect(204);
      await request(app).get(`/mailboxes/${own}`).set(headers).expect(404);
      expect(await store.find(other)).toMatchObject({ displayName: 'Reports' });
    });

    it('names no further owner, leaves where another one stays, and is let in no more', async () => {
      const id = await mailboxOf(principal);
      const owners = `/mailboxes/${id}/owners`;
      const added = { objectId: another.principal.objectId.toUpperCase() };
      await request(app).post(owners).set(headers).send(added).expect(403);
      await request(app).delete(`${owners}/me`).set(headers).expect(409);
      await request(app).post(owners).set(asAll).send(added).expect(204);
      await request(app).get(`/mailboxes/${id}`).set(asAnother).expect(200);
      await request(app).delete(`${owners}/${another.principal.objectId}`).set(headers).expect(403);
      await request(app).delete(`${owners}/me`).set(headers).expect(204);
      expect(await ownersOf(id)).toEqual([another.principal.objectId]);
      await request(app).get(`/mailboxes/${id}`).set(headers).expect(403);
    });

    it('is given a mailbox by a transfer, and those who had it lose it', async () => {
      const id = await mailboxOf(another.principal);
      const objectIds = [principal.objectId, anywhere, anywhere];
      await request(app).put(`/mailboxes/${id}/owners`).set(headers).send({ objectIds }).expect(403);
      await request(app).put(`/mailboxes/${id}/owners`).set(asAll).send({ objectIds }).expect(204);
      expect(await ownersOf(id)).toEqual([principal.objectId, anywhere].sort());
      await request(app).get(`/mailboxes/${id}`).set(headers).expect(200);
      await request(app).get(`/mailboxes/${id}`).set(asAnother).expect(403);
    });

    it('finds, counts and changes in lists exactly what it finds one by one', async () => {
      for (const owner of [principal, another.principal]) {
        await mailboxOf(owner, 'Bills of March');
        await mailboxOf(owner, '100%');
      }
      const everything = await store.list({ kind: 'all' });
      for (const search of [undefined, 'BILLS', '%', 'no such name']) {
        const ids: string[] = [];
        for (const { id, displayName } of everything) {
          const { status } = await request(app).get(`/mailboxes/${id}`).set(headers);
          if (status === 200 && displayName.toLowerCase().includes(search?.toLowerCase() ?? '')) {
            ids.push(id);
          }
        }
        const query = search === undefined ? {} : { search };
        const { body: listed } = await request(app).get('/mailboxes').set(headers).query(query);
        expect(listed.map(({ id }: { id: string }) => id)).toEqual(ids);
        await request(app).get('/mailboxes/count').set(headers).query(query).expect(200, { count: ids.length });
      }
      const some = everything.slice(-50).map(({ id }) => id);
      const own = (await store.list({ kind: 'owned', by: principal })).map(({ id }) => id);
      const changes = { ids: some, displayName: `Batch of ${principal.objectId}` };
      const { body } = await request(app).patch('/mailboxes').set(headers).send(changes).expect(200);
      expect(body.updated.sort()).toEqual(some.filter((id) => own.includes(id)).sort());
      const changed = (await store.list({ kind: 'all' }, changes.displayName)).map(({ id }) => id);
      expect(changed.sort()).toEqual(body.updated);
    });
  });

  it('with .All everything is listed, and the department set, which owners cannot', async () => {
    const id = await mailboxOf(script.principal);
    const { body } = await request(app).get('/mailboxes').set(asAll);
    expect(body).toHaveLength((await store.count({ kind: 'all' })).count);
    const department = { department: 'sales' };
    await request(app).put(`/mailboxes/${id}/department`).set(asScript).send(department).expect(403);
    await request(app).patch(`/mailboxes/${id}`).set(asScript).send(department).expect(400);
    await request(app).put(`/mailboxes/${id}/department`).set(asAll).send(department).expect(204);
    expect(await store.find(id)).toMatchObject(department);
  });

  it('the last owner is not removed, and of two who leave at once one stays', async () => {
    const id = await mailboxOf(script.principal);
    const ownerCalled = (objectId: string) => `/mailboxes/${id}/owners/${objectId}`;
    await request(app).delete(ownerCalled(script.principal.objectId)).set(asAll).expect(409);
    await request(app).delete(ownerCalled(anywhere)).set(asAll).expect(404);
    await store.addOwner(id, { kind: 'all' }, ada.principal);
    const answers = await Promise.all(
      [asAda, asScript].map((headers) => request(app).delete(ownerCalled('me')).set(headers)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await ownersOf(id)).toHaveLength(1);
  });

  it('nothing is written when the owner is removed between the check and the statement', async () => {
    const ownerVanishes: MailboxStore = {
      ...store,
      async find(id) {
        const found = await store.find(id);
        await store.setOwners(id, { kind: 'all' }, [another.principal]);
        return found;
      },
    };
    const vanishing = createTestApp((app) => mailboxRoutes(app, ownerVanishes));
    const id = await mailboxOf(script.principal);
    const patched = request(vanishing).patch(`/mailboxes/${id}`).set(asScript).send({ displayName: 'Renamed' });
    await patched.expect(404);
    await store.setOwners(id, { kind: 'all' }, [script.principal]);
    await request(vanishing).delete(`/mailboxes/${id}`).set(asScript).expect(404);
    await store.setOwners(id, { kind: 'all' }, [script.principal]);
    await request(vanishing).delete(`/mailboxes/${id}/owners/me`).set(asScript).expect(404);
    expect(await store.find(id)).toMatchObject({ displayName: 'Reports', owners: [another.principal] });
  });

  it('many clients can write at once', async () => {
    const create = () =>
      request(app).post('/mailboxes').set(asScript).send({ address: newAddress(), displayName: 'Many' });
    const answers = await Promise.all(Array.from({ length: 20 }, create));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
  });

  it.each(['42', 'null', `${anywhere}0`, "'; drop table mailboxes; --", `{${anywhere}}`])(
    'an id like %s is 404',
    async (id) => {
      const path = `/mailboxes/${encodeURIComponent(id)}`;
      await request(app).get(path).set(asAll).expect(404);
      await request(app).post(`${path}/owners`).set(asAll).send({ objectId: anywhere }).expect(404);
    },
  );

  it.each<[string, unknown]>([
    ['no list', anywhere],
    ['an empty list', []],
    ['no ids', ['x', null]],
    ['too many', Array(101).fill(anywhere)],
  ])('%s of ids or owners is 400', async (_what, given) => {
    const id = await mailboxOf(script.principal);
    await request(app).patch('/mailboxes').set(asScript).send({ ids: given, displayName: 'All' }).expect(400);
    await request(app).put(`/mailboxes/${id}/owners`).set(asAll).send({ objectIds: given }).expect(400);
  });
});
