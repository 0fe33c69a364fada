import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { createTestEntra } from 'express-app-roles/testing';
import { pino } from 'pino';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMailroom } from './app.js';
import { drain } from './drain.js';
import { logDecisions } from './log.js';
import { permissions } from './permissions.js';
import type { Store } from './records.js';
import { people } from './sample-data.js';
import { openTestStore } from './test-store.js';

const entra = createTestEntra({ permissions });
const { tenant: tenantId, clientId } = entra;
const { ada } = people;
entra.user('Ada', { objectId: ada.objectId });

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) {
    await close();
  }
});

let opened: Awaited<ReturnType<typeof openTestStore>>;
beforeAll(async () => {
  opened = await openTestStore(tenantId);
});
afterAll(() => opened.close());

function open(changes: Partial<Store> = {}) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = pino({ level: 'debug' }, stream);
  const options = { store: { ...opened.store, ...changes }, tenantId, clientId, testAuthority: entra, log };
  return { ...createMailroom(options), log, lines };
}

function broken(code: string): Partial<Store> {
  const fail = () => Promise.reject(Object.assign(new Error(`of ${ada.mail}`), { code }));
  return { ping: fail, messages: { ...opened.store.messages, messages: fail } };
}

describe('/ready', () => {
  it('says when there are keys and a database', async () => {
    const { app, auth } = open();
    const state = { keys: false, database: true, revocations: true, instance: process.pid };
    await request(app).get('/ready').expect(503, state);
    await auth.ready();
    await request(app)
      .get('/ready')
      .expect(200, { ...state, keys: true });
  });

  it('is 503 while the database is away, and /health is not', async () => {
    const { app, auth } = open(broken('ECONNREFUSED'));
    await auth.ready();
    const { body } = await request(app).get('/ready').expect(503);
    expect(body).toMatchObject({ keys: true, database: false });
    await request(app).get('/health').expect(200);
  });
});

describe('a failure', () => {
  const asAda = () => entra.asUser('Ada', 'Mail.Read');

  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300'])(
    'of the database, %s, is 503 with a time to try again',
    async (code) => {
      const { app } = open(broken(code));
      const { headers, body } = await request(app).get('/me/messages').set(asAda()).expect(503);
      expect(headers['retry-after']).toBe('2');
      expect(body).toEqual({ type: 'about:blank', title: 'Service Unavailable', status: 503 });
    },
  );

  it('of another kind is 500, and its message goes neither to the client nor to the log', async () => {
    const { app, lines } = open(broken('22P02'));
    const { text } = await request(app).get('/me/messages').set(asAda()).expect(500);
    expect(text).not.toContain(ada.mail);
    expect(lines.join('')).toContain('"code":"22P02"');
    expect(lines.join('')).not.toContain(ada.mail);
  });
});

describe('the log', () => {
  it('has a line for each answer and decision, and no token or person', async () => {
    const { app, lines, log } = open();
    logDecisions(log);
    const user = entra.asUser('Ada', 'Mail.Read');
    await request(app).get(`/users/${ada.objectId}/messages`).set(user).expect(200);
    await request(app).get(`/users/${people.grace.objectId}/messages`).set(user).expect(403);
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({ msg: 'granted', grant: 'delegated Mail.Read, owned mailbox' }),
    );
    expect(entries).toContainEqual(expect.objectContaining({ msg: 'refused', code: 'not_owner', status: 403 }));
    const answered = { msg: 'answered', method: 'GET', route: '/users/:id/messages' };
    expect(entries).toContainEqual(expect.objectContaining({ ...answered, status: 200 }));
    expect(entries).toContainEqual(expect.objectContaining({ ...answered, status: 403 }));
    for (const secret of [user.Authorization.slice('Bearer '.length), ada.objectId, people.grace.objectId, ada.mail]) {
      expect(lines.join('')).not.toContain(secret);
    }
  });
});

describe('drain', () => {
  async function listen(server: Server): Promise<string> {
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function ask(origin: string, agent: Agent): Promise<IncomingMessage> {
    const [res] = (await once(get(origin, { agent }), 'response')) as [IncomingMessage];
    res.resume();
    await once(res, 'end');
    return res;
  }

  it('answers on connections that are open, once more, and accepts no other', async () => {
    const server = createServer((_req, res) => void res.end('fine'));
    const origin = await listen(server);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(origin, agent)).headers.connection).toBe('keep-alive');

    const drained = drain(server, 10_000);
    await expect(ask(origin, new Agent())).rejects.toThrow('ECONNREFUSED');
    const last = await ask(origin, agent);
    expect([last.statusCode, last.headers.connection]).toEqual([200, 'close']);
    expect(await drained).toBe(true);
  });

  it('waits for a request that is under way', async () => {
    let answer = () => {};
    const server = createServer((_req, res) => {
      answer = () => void res.end('late');
    });
    const origin = await listen(server);
    const arrived = once(server, 'request');
    const asked = ask(origin, new Agent());
    await arrived;
    const drained = drain(server, 10_000);
    answer();
    expect((await asked).statusCode).toBe(200);
    expect(await drained).toBe(true);
  });

  it('cuts what does not end in time', async () => {
    const server = createServer(() => {});
    const origin = await listen(server);
    const arrived = once(server, 'request');
    const asked = ask(origin, new Agent()).catch((error: Error) => error.message);
    await arrived;
    expect(await drain(server, 1)).toBe(false);
    expect(await asked).toBe('socket hang up');
  });
});
