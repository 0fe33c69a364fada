import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express, { type RequestHandler } from 'express';
import { allow, callerOf, problemDetails, publicRoute } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  delegated,
  exchange,
  type Mailbox,
  mailboxes,
  mailboxRecord,
  parse,
  tenantId,
} from './api.js';

const secret: RequestHandler = (_req, res) => void res.json({ secret: true });

describe('many requests at once', () => {
  it('each have their own caller and their own record', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `0b000000-0000-4000-8000-0000000000${10 + index}`);
    const { mailbox } = mailboxRecord({
      find: async (id): Promise<Mailbox> => {
        await wait(Math.random() * 20);
        return { id, tenantId, owners: [{ tenantId, objectId: id }] };
      },
    });
    const app = apiWith((each) => {
      each.get(
        '/:id',
        allow(delegated('Mail.Read').owned(mailbox)),
        (req, res) => void res.json([callerOf(req).principal.objectId, mailbox.of(req).id]),
      );
    });
    const tokens = new Map(ids.map((oid) => [oid, as.user('Mail.Read', { oid })]));
    const answers = await Promise.all(
      ids.flatMap((oid, index) => [
        ask(app, `/${oid}`, tokens.get(oid)),
        ask(app, `/${ids[(index + 1) % ids.length]}`, tokens.get(oid)),
      ]),
    );
    answers.forEach(({ status, body }, index) => {
      const oid = ids[Math.floor(index / 2)];
      if (index % 2 === 0) expect([status, body]).toEqual([200, [oid, oid]]);
      else expect([status, body.code]).toEqual([403, 'not_owner']);
    });
  });
});

describe('a client that goes away', () => {
  it.each([
    ['while its record is looked for', '/slow/users'],
    ['while a refused answer streams', '/stream'],
  ])('%s does no harm', async (_name, path) => {
    let finished = 0;
    const { mailbox } = mailboxRecord({
      find: async (id) => {
        await wait(50);
        finished++;
        return mailboxes.get(id);
      },
    });
    const app = apiWith((each) => {
      each.get('/slow/:id', allow(delegated('Mail.Read').owned(mailbox)), secret);
      each.use('/stream', async (_req: express.Request, res: express.Response) => {
        for (let turn = 0; turn < 5; turn++) {
          res.write('secret');
          await wait(10);
        }
        finished++;
        res.end();
      });
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${as.user('Mail.Read')}\r\n\r\n`);
    await wait(20);
    socket.destroy();
    await expect.poll(() => finished, { timeout: 3_000 }).toBe(1);
    server.close();
    expect((await ask(app, '/slow/users', as.user('Mail.Read'))).status).toBe(200);
  });
});

describe('strange requests', () => {
  const { mailbox } = mailboxRecord();
  const app = express().use(authentication());
  app.get('/mailboxes/:id', allow(delegated('Mail.Read').owned(mailbox)), secret);
  app.use('/admin', allow(application('Mailbox.All')), express.Router().all('/secret', secret));
  app
    .route('/several')
    .get(allow(application('Mail.Read')), secret)
    .post(allow(application('Mail.Write')), secret);
  app.get('/health', publicRoute(), (_req, res) => void res.json({ status: 'ok' }));
  app.use((_req, res) => void res.status(404).json({ status: 404 }));
  app.use(problemDetails());

  const methods = [
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'SEARCH',
    'M-SEARCH',
    'QUERY',
  ];
  const paths = [
    '/mailboxes/users',
    '/mailboxes/',
    '/mailboxes/%00',
    '/mailboxes/%2e%2e',
    '/mailboxes/%',
    '/mailboxes/%ff',
    '/admin/secret',
    '/admin//secret',
    '//admin/secret',
    '/admin/./secret',
    '/ADMIN/SECRET',
    '/admin/secret/',
    '/admin/secret%2f',
    '/admin%2fsecret',
    '/several',
    '/several?x[]=1',
    '*',
    '/..;/admin/secret',
    '/%61dmin/secret',
    'http://x/admin/secret',
  ];
  const spoofs = [
    'X-HTTP-Method-Override: GET',
    'X-Original-URL: /health',
    'X-Rewrite-URL: /health',
    'X-Forwarded-Prefix: /health',
    'Connection: Authorization',
  ];

  it.each(methods)('%s on any path gives nothing away and is no mistake of ours', async (method) => {
    for (const path of paths)
      for (const spoof of ['X-Nothing: 1', ...(method === 'GET' ? spoofs : [])]) {
        const { bytes } = await exchange(app, method, path, [spoof]);
        const { status, body } = parse(bytes);
        expect([method, path, spoof, body.includes('secret":')]).toEqual([method, path, spoof, false]);
        expect(status === 200 ? method : status).not.toBe(500);
        if (method !== 'OPTIONS') expect(status).toBeGreaterThanOrEqual(400);
      }
  });
});
