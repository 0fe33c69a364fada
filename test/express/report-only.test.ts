import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import {
  type Authenticate,
  type AuthenticateOptions,
  allow,
  authenticate,
  callerIfAny,
  callerOf,
  channels,
  decisionOf,
  problemDetails,
  publicRoute,
  type RefusalMessage,
} from 'express-app-roles';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeKey } from '../support/authority.js';
import {
  application,
  as,
  ask,
  authority,
  type Changes,
  clientId,
  delegated,
  isExpress4,
  mailboxRecord,
  permissions,
  tellError,
  tenantId,
} from './api.js';

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
const day = 24 * 3_600_000;
const today = dayOf(Date.now());
const tomorrow = dayOf(Date.now() + day);

const refusals: RefusalMessage[] = [];
const notices: { code: string; message: string }[] = [];
const hearRefusal = (message: unknown) => void refusals.push(message as RefusalMessage);
const hearNotice = (message: unknown) => void notices.push(message as (typeof notices)[number]);
beforeAll(() => {
  subscribe(channels.refusal, hearRefusal);
  subscribe(channels.notice, hearNotice);
});
afterAll(() => {
  unsubscribe(channels.refusal, hearRefusal);
  unsubscribe(channels.notice, hearNotice);
});
afterEach(() => {
  refusals.splice(0);
  notices.splice(0);
  authority.intercept = undefined;
  vi.useRealTimers();
});

const guardOf = (changes: Changes = {}): Authenticate =>
  authenticate({
    tenant: tenantId,
    clientId,
    permissions,
    testAuthority: authority.address,
    reportOnly: { until: tomorrow },
    ...changes,
  } as AuthenticateOptions);

interface Adopting {
  readonly app: Express;
  readonly guard: Authenticate;
}

function adopting(routes: (app: Express) => void, changes: Changes = {}): Adopting {
  const guard = guardOf(changes);
  const app = express().use(guard);
  routes(app);
  app.use(problemDetails()).use(tellError);
  return { app, guard };
}

const { mailbox } = mailboxRecord();
/** A handler of the API as it was: it knows nothing of the library. */
const old: RequestHandler = (_req, res) => void res.json({ as: 'ever' });
const broken = mailboxRecord({
  name: 'broken mailbox',
  find: () => {
    throw new TypeError('ada@contoso.test is not a mailbox');
  },
}).mailbox;

const routes = (app: Express) => {
  app.get('/mailboxes/:id', allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')), old);
  app.get('/mailboxes', allow(application('Mailbox.OwnedBy').ownedOnly(mailbox)), old);
  app.post('/mailboxes', allow(application('Mailbox.OwnedBy').creates(mailbox)), old);
  app.get('/broken/:id', allow(delegated('Mail.Read').owned(broken)), old);
  app.get('/condition', allow(delegated('Mail.Read').when('never', () => false)), old);
  app.use('/covered', allow(application('Mail.Read')), express.Router().get('/:id', old));
  app.get('/twice', allow(application('Mail.Read')), allow(application('App.Only')), old);
  app.get('/public', publicRoute(), old);
  app.get('/undeclared/:id', old);
  app.use('/terminal', old);
};

const unknownKey = makeKey('nobody-knows-it');
const stranger = () => authority.token(authority.user('Mail.Read'), {}, unknownKey);
const denied = () => as.user('Mail.Read');

const refused: [
  name: string,
  path: string,
  token: (() => string) | undefined,
  wanted: { status: number; code: string; route: string | undefined; client?: true },
  changes?: Changes,
][] = [
  ['no token', '/mailboxes/users', undefined, { status: 401, code: 'no_credential', route: '/mailboxes/:id' }],
  ['a bad token', '/mailboxes/users', () => 'a.b.c', { status: 401, code: 'not_a_jwt', route: '/mailboxes/:id' }],
  ['an unknown key', '/mailboxes', stranger, { status: 401, code: 'unknown_key', route: '/mailboxes' }],
  [
    'a malformed credential',
    '/mailboxes',
    () => '"',
    { status: 400, code: 'malformed_credential', route: '/mailboxes' },
  ],
  ['a bad token on a public route', '/public', () => 'a.b.c', { status: 401, code: 'not_a_jwt', route: '/public' }],
  ['a bad token elsewhere', '/terminal', () => 'a.b.c', { status: 401, code: 'not_a_jwt', route: undefined }],
  [
    'a caller who is shut out',
    '/mailboxes/users',
    denied,
    { status: 401, code: 'denied', route: '/mailboxes/:id' },
    { deny: () => true },
  ],
  [
    'a missing permission',
    '/mailboxes/users',
    () => as.user('Mail.Write'),
    { status: 403, code: 'missing_scope', route: '/mailboxes/:id', client: true },
  ],
  [
    'the wrong kind of caller',
    '/mailboxes',
    () => as.user('Mail.Read'),
    { status: 403, code: 'kind_not_accepted_delegated', route: '/mailboxes', client: true },
  ],
  [
    'a record of someone else',
    '/mailboxes/strangers',
    () => as.user('Mail.Read'),
    { status: 403, code: 'not_owner', route: '/mailboxes/:id', client: true },
  ],
  [
    'a record that is not there',
    '/mailboxes/none',
    () => as.user('Mail.Read'),
    { status: 404, code: 'not_found', route: '/mailboxes/:id', client: true },
  ],
  [
    'a condition',
    '/condition',
    () => as.user('Mail.Read'),
    { status: 403, code: 'condition_failed', route: '/condition', client: true },
  ],
  [
    'an allow in use()',
    '/covered/1',
    () => as.app([]),
    { status: 403, code: 'missing_app_role', route: isExpress4 ? '/…/:id' : '/covered/:id', client: true },
  ],
  [
    'two that refuse',
    '/twice',
    () => as.app([]),
    { status: 403, code: 'missing_app_role', route: '/twice', client: true },
  ],
  [
    'the second of two',
    '/twice',
    () => as.app(['Mail.Read']),
    { status: 403, code: 'missing_app_role', route: '/twice', client: true },
  ],
  [
    'a find that throws',
    '/broken/1',
    () => as.user('Mail.Read'),
    { status: 500, code: 'failed', route: '/broken/:id', client: true },
  ],
  [
    'a reach that is not read',
    '/mailboxes',
    () => as.app(['Mailbox.OwnedBy']),
    { status: 500, code: 'misconfigured', route: '/mailboxes', client: true },
  ],
  ['an undeclared route', '/undeclared/1', undefined, { status: 500, code: 'misconfigured', route: '/undeclared/:id' }],
  ['an undeclared handler', '/terminal', undefined, { status: 500, code: 'misconfigured', route: undefined }],
];

describe('reportOnly', () => {
  it.each(refused)('lets through and reports once: %s', async (_name, path, token, wanted, changes) => {
    const { app, guard } = adopting(routes, changes);
    const answer = await ask(app, path, token?.());
    expect([answer.status, answer.body, answer.headers['www-authenticate']]).toEqual([200, { as: 'ever' }, undefined]);
    const { status, code, route, client } = wanted;
    const clientId = client ? 'c0000000-0000-4000-8000-0000000000c1' : undefined;
    expect(refusals).toEqual([expect.objectContaining({ outcome: 'refused', enforced: false, status, code, route })]);
    expect(refusals[0]?.caller?.clientId).toBe(clientId);
    expect(guard.report()).toEqual({
      until: tomorrow,
      refusals: [{ method: 'GET', route, code, clientId, count: 1 }],
      unlisted: 0,
    });
  });

  it.each(refused)(
    'is all that keeps these from being refused: %s',
    async (_name, path, token, { status, code }, changes) => {
      const { app, guard } = adopting(routes, { ...changes, reportOnly: undefined });
      expect((await ask(app, path, token?.())).status).toBe(status);
      expect(guard.report()).toBeUndefined();
      const told = code === 'failed' ? [] : [expect.objectContaining({ enforced: true, status, code })];
      expect(refusals).toEqual(told);
    },
  );

  it('says nothing of what the application itself threw', async () => {
    await ask(adopting(routes).app, '/broken/1', as.user('Mail.Read'));
    expect(JSON.stringify(refusals)).not.toMatch(/ada@contoso|TypeError/);
  });

  it('lets through while the authority is away', async () => {
    authority.intercept = (_req, res) => {
      res.writeHead(503).end();
      return true;
    };
    const { app, guard } = adopting(routes);
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(200);
    expect(guard.report()?.refusals).toMatchObject([{ code: 'keys_unavailable', count: 1 }]);
    expect(refusals).toMatchObject([{ status: 503, enforced: false }]);
  });

  it('reports nothing of what is allowed', async () => {
    const { app, guard } = adopting(routes);
    await ask(app, '/mailboxes/users', as.user('Mail.Read')).expect(200);
    await ask(app, '/mailboxes/users', as.app(['Mail.Read'])).expect(200);
    await ask(app, '/mailboxes', as.app(['Mailbox.OwnedBy']), 'post').expect(200);
    await ask(app, '/public').expect(200);
    expect([refusals, guard.report()?.refusals]).toEqual([[], []]);
  });

  it('leaves the answers of the application as they are', async () => {
    const { app } = adopting((each) => {
      each.get('/gone', allow(application('Mail.Read')), (_req, res) => void res.status(410).json({ gone: true }));
      each.get('/thrown', allow(application('Mail.Read')), () => {
        throw Object.assign(new Error('mine'), { status: 418 });
      });
      each.options('/x', allow(application('Mail.Read')), (_req, res) => void res.status(200).send('mine'));
      each.get('/stream', allow(application('Mail.Read')), (_req, res) => {
        res.write('a');
        res.end('b');
      });
    });
    expect([(await ask(app, '/gone')).body, (await ask(app, '/thrown')).status]).toEqual([{ gone: true }, 418]);
    expect([(await ask(app, '/x', undefined, 'options')).text, (await ask(app, '/stream')).text]).toEqual([
      'mine',
      'ab',
    ]);
    expect((await ask(app, '/nothing')).status).toBe(404);
    expect(refusals.map(({ route, code }) => [route, code])).toEqual(
      ['/gone', '/thrown', '/x', '/stream'].map((route) => [route, 'no_credential']),
    );
  });

  it('reports a bad token though its answer is an error', async () => {
    const { app } = adopting(() => {});
    expect((await ask(app, '/nothing', 'a.b.c')).status).toBe(404);
    expect(refusals).toMatchObject([{ code: 'not_a_jwt', route: undefined }]);
  });

  it('is of one authenticate: what another enforces is refused', async () => {
    const { app, guard } = adopting((each) => {
      each.use('/new', guardOf({ reportOnly: undefined }));
      each.get('/new/:id', allow(application('Mail.Read')), old);
      each.get('/old/:id', allow(application('Mail.Read')), old);
    });
    expect([(await ask(app, '/new/1')).status, (await ask(app, '/old/1')).status]).toEqual([401, 200]);
    expect(guard.report()?.refusals.map(({ route }) => route)).toEqual(['/old/:id']);
  });

  it('of two authenticates reports what each would have refused', async () => {
    const first = guardOf();
    const second = guardOf();
    const app = express()
      .use(first, second)
      .get('/x/:id', allow(application('Mail.Read')), old);
    expect((await ask(app, '/x/1', 'a.b.c')).status).toBe(200);
    expect(refusals.map(({ code, route }) => [code, route])).toEqual([
      ['not_a_jwt', undefined],
      ['not_a_jwt', '/x/:id'],
    ]);
    expect([first, second].map((guard) => guard.report()?.refusals[0]?.count)).toEqual([1, 1]);
  });
});

describe('the summary', () => {
  it('counts by method, route, code and client, the most frequent first', async () => {
    const { app, guard } = adopting(routes);
    const other = 'c0000000-0000-4000-8000-0000000000c2';
    await ask(app, '/mailboxes', as.app([]), 'post');
    for (const id of ['users', 'bots', 'none']) await ask(app, `/mailboxes/${id}`, as.app([], { azp: other }));
    for (const id of ['users', 'bots']) await ask(app, `/mailboxes/${id}`, as.app([]));
    const report = guard.report();
    expect(report?.refusals.map(({ method, clientId, count }) => [method, clientId?.at(-1), count])).toEqual([
      ['GET', '2', 3],
      ['GET', '1', 2],
      ['POST', '1', 1],
    ]);
    Object.assign(report?.refusals[0] ?? {}, { count: 0 });
    expect(guard.report()?.refusals[0]?.count).toBe(3);
  });

  it('is bounded, and says how much it does not list', async () => {
    const { app, guard } = adopting((each) => {
      for (let i = 0; i < 1_003; i++) each.get(`/r${i}`, allow(application('Mail.Read')), old);
    });
    for (let i = 0; i < 1_003; i++) dispatch(app, `/r${i}`);
    dispatch(app, '/r0');
    const report = guard.report();
    expect([report?.refusals.length, report?.unlisted, report?.refusals[0]?.count]).toEqual([1_000, 3, 2]);
  });
});

/** A request without a connection: a thousand of them take no time. */
function dispatch(app: Express, url: string): void {
  const req = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url });
  app(req as Request, new ServerResponse(req) as Response);
}

describe('a handler that asks for what was not proven', () => {
  const asking: [name: string, ask: (req: Request) => unknown][] = [
    ['callerOf', (req) => callerOf(req)],
    ['callerOf of a kind', (req) => callerOf(req, 'application')],
    ['decisionOf', (req) => decisionOf(req)],
    ['record.of', (req) => mailbox.of(req)],
    ['record.reach', (req) => mailbox.reach(req)],
    ['record.load', (req) => mailbox.load(req)],
  ];
  const apiOf = (question: (req: Request) => unknown) => {
    const answer: RequestHandler = (req, res, next) => {
      Promise.resolve()
        .then(() => question(req))
        .then(() => res.json({ fine: true }), next);
    };
    return adopting((app) => {
      app.get('/mailboxes/:id', allow(delegated('Mail.Read').owned(mailbox), application('Mailbox.All')), answer);
      app.get(
        '/both/:id',
        allow(application('Mail.Read')),
        allow(application('Mailbox.OwnedBy').owned(mailbox)),
        answer,
      );
      app.get('/undeclared/:id', answer);
    }).app;
  };

  it.each(asking)('gets the refusal that its route was spared: %s', async (_name, question) => {
    const app = apiOf(question);
    const outcome = async (path: string, token?: string) => {
      const { status, body } = await ask(app, path, token);
      return `${status} ${body.code ?? body.name}`;
    };
    expect(await outcome('/mailboxes/users')).toBe('401 no_credential');
    expect(await outcome('/mailboxes/users', 'a.b.c')).toBe('401 not_a_jwt');
    expect(await outcome('/mailboxes/users', as.app(['Mail.Read']))).toBe('403 missing_app_role');
    expect(await outcome('/mailboxes/strangers', as.user('Mail.Read'))).toBe('403 not_owner');
    expect(await outcome('/mailboxes/none', as.user('Mail.Read'))).toBe('404 not_found');
    expect(await outcome('/both/bots', as.app(['Mailbox.OwnedBy']))).toBe('403 missing_app_role');
    expect(await outcome('/undeclared/users')).toBe('500 ConfigurationError');
  });

  it('gets it with its challenge, on the error and on the response, and it is told as enforced', async () => {
    const app = apiOf((req) => mailbox.reach(req));
    const answer = await ask(app, '/mailboxes/users', 'a.b.c');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=.*error="invalid_token"/);
    const own = express()
      .use(guardOf())
      .get('/x', allow(application('Mail.Read')), (req) => void callerOf(req))
      .use(((error, _req, res, _next) => void res.status(error.status).end()) as express.ErrorRequestHandler);
    expect((await ask(own, '/x')).headers['www-authenticate']).toBe(`Bearer realm="${clientId}"`);
    expect(refusals.map(({ code, enforced }) => [code, enforced])).toEqual([
      ['not_a_jwt', false],
      ['not_a_jwt', true],
      ['no_credential', false],
      ['no_credential', true],
    ]);
  });

  it('may ask twice, and gets one challenge', async () => {
    const app = apiOf((req) => {
      expect(() => callerOf(req)).toThrow();
      return callerOf(req);
    });
    expect((await ask(app, '/mailboxes/users')).headers['www-authenticate']).toBe(`Bearer realm="${clientId}"`);
    expect(refusals).toHaveLength(2);
  });

  it('gets what was proven where the route would have let in', async () => {
    const app = apiOf((req) => [callerOf(req), decisionOf(req), mailbox.reach(req), mailbox.of(req)]);
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(200);
  });

  it('on a public route sees no caller behind a bad token, and the caller behind a good one', async () => {
    const { app } = adopting((each) =>
      each.get('/who', publicRoute(), (req, res) => void res.json({ kind: callerIfAny(req)?.kind ?? 'anonymous' })),
    );
    expect((await ask(app, '/who', 'a.b.c')).body).toEqual({ kind: 'anonymous' });
    expect((await ask(app, '/who', as.user('Mail.Read'))).body).toEqual({ kind: 'delegated' });
  });
});

describe('the last day', () => {
  it('is part of it', async () => {
    const { app } = adopting(routes, { reportOnly: { until: today } });
    expect((await ask(app, '/mailboxes')).status).toBe(200);
  });

  it.each<[name: string, reportOnly: unknown, message: RegExp]>([
    ['yesterday', { until: dayOf(Date.now() - day) }, /reportOnly ended on \d{4}-\d\d-\d\d\. Remove it/],
    ['more than 366 days away', { until: dayOf(Date.now() + 368 * day) }, /may last 366 days.*Choose an earlier day/],
    ['no day', { until: '2027-02-30' }, /as \{ until: '2027-01-31' \}/],
    ['a time', { until: '2027-01-31T00:00:00Z' }, /until/],
    ['in local writing', { until: '31/01/2027' }, /until/],
    ['a Date', { until: new Date() }, /until/],
    ['missing', {}, /until/],
    ['true', true, /until/],
    ['null', null, /until/],
    ['beside another option', { until: tomorrow, routes: [] }, /until/],
  ])('stops the start where it is %s', (_name, reportOnly, message) => {
    expect(() => guardOf({ reportOnly })).toThrow(message);
  });

  it('may be 366 days away', () => {
    expect(() => guardOf({ reportOnly: { until: dayOf(Date.now() + 365 * day) } })).not.toThrow();
  });

  it('passes without an outage: a process that runs goes on and warns once, and the next does not start', async () => {
    const { app, guard } = adopting(routes, { reportOnly: { until: today } });
    await ask(app, '/mailboxes').expect(200);
    expect(notices.map(({ code }) => code)).toEqual(['report_only']);
    vi.useFakeTimers({ now: Date.now() + day, toFake: ['Date'] });
    await ask(app, '/mailboxes').expect(200);
    await ask(app, '/mailboxes').expect(200);
    expect(notices.map(({ code }) => code)).toEqual(['report_only', 'report_only_over']);
    expect(notices[1]?.message).toMatch(/The next start will fail: remove reportOnly before it/);
    expect(guard.report()?.refusals[0]?.count).toBe(3);
    expect(() => guardOf({ reportOnly: { until: today } })).toThrow(/Remove it/);
  });
});

describe("beside undeclared: 'report'", () => {
  const openings: [reportOnly: boolean, undeclared: 'refuse' | 'report', declared: number, undeclared: number][] = [
    [true, 'report', 200, 200],
    [true, 'refuse', 200, 200],
    [false, 'report', 401, 200],
    [false, 'refuse', 401, 500],
  ];

  it.each(openings)('reportOnly %s, undeclared %s: %i and %i', async (isReportOnly, undeclared, first, second) => {
    const reportOnly = isReportOnly ? { until: tomorrow } : undefined;
    const { app, guard } = adopting(routes, { reportOnly, undeclared });
    expect([(await ask(app, '/mailboxes')).status, (await ask(app, '/undeclared/1')).status]).toEqual([first, second]);
    expect(notices.some(({ code }) => code === 'undeclared_route')).toBe(undeclared === 'report');
    const codes = guard.report()?.refusals.map(({ code }) => code);
    const all = undeclared === 'report' ? ['no_credential'] : ['no_credential', 'misconfigured'];
    expect(codes).toEqual(isReportOnly ? all : undefined);
  });

  it.each<[path: string, token: string | undefined]>([
    ['/covered/1', undefined],
    ['/covered/1', 'a.b.c'],
    ['/mailboxes', undefined],
    ['/public', 'a.b.c'],
  ])('does not call a declared route undeclared: %s, %s', async (path, token) => {
    const { app } = adopting(routes, { undeclared: 'report' });
    await ask(app, path, token).expect(200);
    expect(notices.map(({ code }) => code)).toEqual(['report_only']);
  });

  it('names an undeclared route that is sent bad tokens only', async () => {
    const { app } = adopting(routes, { undeclared: 'report' });
    await ask(app, '/undeclared/1', 'a.b.c').expect(200);
    expect(notices.map(({ code }) => code)).toContain('undeclared_route');
    expect(refusals).toMatchObject([{ code: 'not_a_jwt', route: '/undeclared/:id' }]);
  });
});
