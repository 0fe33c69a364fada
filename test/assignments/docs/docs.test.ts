import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases, openDatabase } from '../databases.js';
import { createApp, permissions, type Tables } from './mailroom.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/scoped-permissions.md');
/** Without what depends on how deep a block stands. */
const flat = (code: string) => code.replaceAll(/\s+/g, ' ').trim();
const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

it('the page shows code that is run', () => {
  expect(blocks).toHaveLength(4);
  for (const block of blocks) expect(flat(read('./mailroom.ts'))).toContain(flat(block));
});

describe.each(databases)('the code of the page, on $name', ({ url }) => {
  const entra = createTestEntra({ permissions });
  const job = entra.client('job');
  const { objectId } = job.principal;
  const sales = 'c0ffee00-0000-4000-8000-000000000001';
  let opened: Awaited<ReturnType<typeof openDatabase<Tables>>>;
  let app: Express;
  beforeAll(async () => {
    opened = await openDatabase<Tables>(url);
    const { database } = opened;
    await database.schema
      .createTable('mailboxes')
      .addColumn('id', 'uuid', (column) => column.primaryKey())
      .addColumn('department', 'text')
      .execute();
    await database.insertInto('mailboxes').values({ id: sales, department: 'sales' }).execute();
    app = await createApp(database, entra);
  });
  afterAll(() => opened.close());

  const admin = entra.asApplication('Assignment.ReadWrite.All');
  const list = (permission: 'Mail.Send' | 'Mail.Send.Selected') =>
    request(app)
      .get('/mailboxes')
      .set(entra.asApplication(permission, { client: job }));

  it('opens what is granted and assigned', async () => {
    for (const permission of ['Mail.Send', 'Mail.Send.Selected'] as const)
      expect((await list(permission)).body).toEqual([]);
    await request(app)
      .put('/mailbox-scopes/sales')
      .set(admin)
      .send({ filter: { department: 'sales' } })
      .expect(201);
    await request(app)
      .post('/mailbox-scopes/sales/assignments')
      .set(admin)
      .send({ client: objectId, permission: 'Mail.Send', reason: 'Newsletter' })
      .expect(201);
    await request(app)
      .put(`/mailboxes/${sales}/selections/${objectId}`)
      .set(admin)
      .send({ roles: ['send'] })
      .expect(201);
    for (const permission of ['Mail.Send', 'Mail.Send.Selected'] as const) {
      expect((await list(permission)).body).toEqual([{ id: sales }]);
      const send = request(app).post(`/mailboxes/${sales}/messages`);
      await send.set(entra.asApplication(permission, { client: job })).expect(202);
    }
    const asked = await request(app).get(`/mailboxes/${sales}/senders/${objectId}`).set(admin);
    expect(asked.body).toMatchObject({
      isAuthorized: true,
      grants: [{ assignments: [{ scope: 'sales', isInScope: true }] }, {}, {}],
    });
  });
});
