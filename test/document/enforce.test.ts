import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import express, { type Express, type Request, type Response } from 'express';
import {
  allow,
  assertDeclared,
  callerOf,
  channels,
  type DecisionMessage,
  decisionOf,
  describeGrant,
  inventory,
  type Middleware,
  publicRoute,
  type RefusalMessage,
} from 'express-app-roles';
import { afterEach, describe, expect, it } from 'vitest';
import {
  as,
  ask,
  authentication,
  authority,
  type Method,
  mailboxRecord,
  servicePrincipalId,
  tenantId,
} from '../express/api.js';
import { appWith, enforced, permissions } from './api.js';

const { application } = permissions;

const answer = (_req: Request, res: Response) => void res.json({ answered: true });

/** An app whose routes declare nothing. */
function mailApp(enforce: Middleware = enforced().enforce, changes = {}): Express {
  return appWith(
    enforce,
    (app) => {
      app.get('/mailboxes/summary', answer);
      app.get('/mailboxes/:id/messages', answer);
      app.get('/mailboxes/:id/messages/:message', answer);
      app.get('/mailboxes/:id/archive', answer);
      app.get('/me/inbox', answer);
      app.post('/mailboxes/:id/sendMail', answer);
      app.all('/mailboxes/:id', answer);
      app.post('/mailboxes', answer);
      app.get('/reports/:call', answer);
      app.get('/drive/:root/:name/content', answer);
      app.get('/audit', answer);
      app.get('/secret', answer);
    },
    changes,
  );
}

const user = (scp: string) => as.user(scp);
const job = (...roles: string[]) => as.app(roles);
const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';
const person = (scp: string) =>
  as.user(scp, { tid: personalTenant, iss: `${authority.origin}/${personalTenant}/v2.0` });
const personal = { tenants: 'any', personalAccounts: true };

describe('an API whose routes declare nothing', () => {
  type Case = [name: string, method: Method, path: string, token: string | undefined, status: number, code?: string];
  it.each<Case>([
    ['a user with the scope', 'get', '/mailboxes/users/messages', user('Mail.Read'), 200],
    [
      'a user with another scope of the path, spelled otherwise',
      'get',
      '/mailboxes/users/messages',
      user('Mail.ReadWrite'),
      200,
    ],
    ['an application with the role', 'get', '/mailboxes/users/messages', job('Mail.Read'), 200],
    ['another case', 'get', '/MAILBOXES/users/Messages', user('Mail.Read'), 200],
    ['a slash at the end, and a query', 'get', '/mailboxes/users/messages/?$top=1', user('Mail.Read'), 200],
    ['HEAD, as GET', 'head', '/mailboxes/users/messages', user('Mail.Read'), 200],
    ['HEAD, as GET, without the scope', 'head', '/mailboxes/users/messages', user('Mail.Send'), 403],
    ['a user without the scope', 'get', '/mailboxes/users/messages', user('Mail.Send'), 403, 'missing_scope'],
    [
      'an application without the role',
      'get',
      '/mailboxes/users/messages',
      job('Audit.Read.All'),
      403,
      'missing_app_role',
    ],
    [
      'a user whose app role has the name',
      'get',
      '/mailboxes/summary',
      as.user('Mail.Read', { roles: ['Report.Read.All'] }),
      403,
      'kind_not_accepted_delegated',
    ],
    [
      'an application for users alone',
      'get',
      '/mailboxes/users/archive',
      job('Mail.Read'),
      403,
      'kind_not_accepted_application',
    ],
    ['a literal before a parameter', 'get', '/mailboxes/summary', job('Report.Read.All'), 200],
    [
      'what opens the parameter, for the literal',
      'get',
      '/mailboxes/summary',
      job('Mailbox.ReadWrite.All'),
      403,
      'missing_app_role',
    ],
    ['what is required as well, missing', 'post', '/mailboxes/users/sendMail', user('Mail.Send'), 403, 'missing_scope'],
    [
      'what is required as well, alone',
      'post',
      '/mailboxes/users/sendMail',
      user('Mail.Read Mail.ReadWrite'),
      403,
      'missing_scope',
    ],
    ['one of what is required as well', 'post', '/mailboxes/users/sendMail', user('Mail.Send Mail.Read'), 200],
    ['the other of it', 'post', '/mailboxes/users/sendMail', user('Mail.Send Mail.ReadWrite'), 200],
    ['one of it, as an application', 'post', '/mailboxes/users/sendMail', job('Mail.Send', 'Mail.Read'), 200],
    ['an expression, half met', 'get', '/audit', job('Audit.Read.All', 'Mail.Read'), 403, 'missing_app_role'],
    [
      'an expression, half met otherwise',
      'get',
      '/audit',
      job('Audit.Read.All', 'Report.Read.All'),
      403,
      'missing_app_role',
    ],
    ['an expression', 'get', '/audit', job('Audit.Read.All', 'Mail.ReadWrite', 'Report.Read.All'), 200],
    ['what the caller owns', 'patch', '/mailboxes/bots', job('Mailbox.ReadWrite.OwnedBy'), 200],
    ['what another owns', 'patch', '/mailboxes/users', job('Mailbox.ReadWrite.OwnedBy'), 403, 'not_owner'],
    ['what there is not', 'patch', '/mailboxes/nothing', job('Mailbox.ReadWrite.OwnedBy'), 404, 'not_found'],
    ['what another owns, with the permission for all', 'patch', '/mailboxes/users', job('Mailbox.ReadWrite.All'), 200],
    ['a new record', 'post', '/mailboxes', job('Mailbox.ReadWrite.OwnedBy'), 200],
    ['a call', 'get', "/reports/usage(period='D7',top='5')", job('Report.Read.All'), 200],
    [
      'a call in another case, quotes encoded or missing',
      'get',
      '/reports/Usage(Period=%27D7%27,TOP=5)',
      job('Report.Read.All'),
      200,
    ],
    [
      'a call without the role',
      'get',
      "/reports/usage(period='D7',top='5')",
      job('Mail.Read'),
      403,
      'missing_app_role',
    ],
    [
      'a call of something else',
      'get',
      "/reports/other(period='D7',top='5')",
      job('Report.Read.All'),
      404,
      'unknown_operation',
    ],
    ['a call with too little', 'get', "/reports/usage(period='D7')", job('Report.Read.All'), 404, 'unknown_operation'],
    ['a parameter before a colon', 'get', '/drive/root:/plan.txt:/content', job('Report.Read.All'), 200],
    [
      'the same without its colon',
      'get',
      '/drive/root:/plan.txt/content',
      job('Report.Read.All'),
      404,
      'unknown_operation',
    ],
    [
      'a path that the document does not have',
      'get',
      '/secret',
      job('Mailbox.ReadWrite.All'),
      404,
      'unknown_operation',
    ],
    ['such a path, without a token', 'get', '/secret', undefined, 401, 'no_credential'],
    ['a path of the document, without a token', 'get', '/mailboxes/users/messages', undefined, 401, 'no_credential'],
    [
      'a method that the document does not have',
      'put',
      '/mailboxes/bots',
      job('Mailbox.ReadWrite.All'),
      405,
      'unknown_method',
    ],
    ['such a method, without a token', 'put', '/mailboxes/bots', undefined, 401, 'no_credential'],
  ])('%s', async (_name, method, path, token, status, code) => {
    const response = await ask(mailApp(), path, token, method);
    expect([response.status, response.body?.code ?? code]).toEqual([status, code]);
    if (status === 200 && method !== 'head') expect(response.body).toEqual({ answered: true });
  });

  it('tells which methods a path has', async () => {
    const response = await ask(mailApp(), '/mailboxes/bots', job('Mailbox.ReadWrite.All'), 'put');
    expect(response.headers.allow).toBe('GET, PATCH, DELETE, HEAD');
  });

  it.each([
    ['a work account where the path is for both', 'work', 'Mail.Read', '/mailboxes/users/messages', 200],
    ['a personal account where the path is for both', 'personal', 'Mail.Read', '/mailboxes/users/messages', 200],
    [
      'a personal account where the path is for work',
      'personal',
      'Mail.Read',
      '/mailboxes/users/archive',
      403,
      'personal_account',
    ],
    ['a work account where the path is for work', 'work', 'Mail.Read', '/mailboxes/users/archive', 200],
    ['a personal account where the path is personal', 'personal', 'Mail.Read', '/me/inbox', 200],
    ['a work account where the path is personal', 'work', 'Mail.Read', '/me/inbox', 403, 'work_account'],
    [
      'a personal account with what is for work alone',
      'personal',
      'Mail.ReadWrite',
      '/mailboxes/users/messages',
      403,
      'personal_account',
    ],
  ])('%s', async (_name, account, scope, path, status, code?: string) => {
    const app = mailApp(undefined, personal);
    const response = await ask(app, path, account === 'personal' ? person(scope) : user(scope));
    expect([response.status, response.body.code]).toEqual([status, code]);
  });

  it('looks for a record once, and only for those who hold a permission', async () => {
    const { enforce, lookups } = enforced();
    const app = mailApp(enforce);
    await ask(app, '/mailboxes/bots', job('Mail.Read'));
    await ask(app, '/mailboxes/bots');
    expect(lookups).toEqual([]);
    await ask(app, '/mailboxes/bo%74s', job('Mailbox.ReadWrite.OwnedBy'));
    expect(lookups).toEqual(['bots']);
  });

  it('finds the record by the parameter that was named, though another has its name', async () => {
    const { enforce, mailbox, lookups } = enforced();
    const app = appWith(enforce, (each) => {
      each.delete('/mailboxes/:id/folders/:folder', (req, res) => void res.json({ id: mailbox.of(req).id }));
    });
    const response = await ask(app, '/mailboxes/bots/folders/users', job('Mailbox.ReadWrite.OwnedBy'), 'delete');
    expect([response.body, lookups]).toEqual([{ id: 'bots' }, ['bots']]);
  });
});

describe('of several entries for one permission', () => {
  it('the longest counts, and of two for one path the one that names the method', async () => {
    const { mailbox, lookups } = mailboxRecord();
    const { mailbox: folder, lookups: folders } = mailboxRecord();
    const entries = [
      ['/mailboxes/{id}/folders/{id}', folder],
      ['/mailboxes/{id}', mailbox],
      ['GET /mailboxes', { ownedOnly: mailbox }],
      ['/mailboxes', { creates: mailbox }],
    ] as const;
    for (const inOrder of [entries, entries.toReversed()]) {
      const records = { 'Mailbox.ReadWrite.OwnedBy': Object.fromEntries(inOrder) };
      const app = appWith(permissions.enforce({ records } as never), (each) => each.use(answer));
      const token = job('Mailbox.ReadWrite.OwnedBy');
      expect((await ask(app, '/mailboxes/users/folders/bots', token)).status).toBe(200);
      expect((await ask(app, '/mailboxes/bots', token)).status).toBe(200);
      expect([lookups.splice(0), folders.splice(0)]).toEqual([['bots'], ['bots']]);
      // The reach of the list was not read.
      expect((await ask(app, '/mailboxes', token)).status).toBe(500);
      expect((await ask(app, '/mailboxes', token, 'post')).status).toBe(200);
    }
  });
});

describe('a handler', () => {
  it('reads caller, decision, record and reach', async () => {
    const { enforce, mailbox, lookups } = enforced();
    const app = appWith(enforce, (each) => {
      each.get('/mailboxes/:id', async (req, res) => {
        res.json({
          kind: callerOf(req, 'application').kind,
          grant: describeGrant(decisionOf(req).grant),
          record: mailbox.of(req).id,
          loaded: (await mailbox.load(req)) === mailbox.of(req),
          reach: mailbox.reach(req),
        });
      });
    });
    const response = await ask(app, '/mailboxes/bots', job('Mailbox.ReadWrite.OwnedBy'));
    expect(response.body).toEqual({
      kind: 'application',
      grant: 'application Mailbox.ReadWrite.OwnedBy, owned mailbox',
      record: 'bots',
      loaded: true,
      reach: { kind: 'owned', by: { tenantId, objectId: servicePrincipalId } },
    });
    expect(lookups).toEqual(['bots']);
  });

  it('of a list must read the reach', async () => {
    const { enforce, mailbox } = enforced();
    const lists = (isRead: boolean) =>
      appWith(enforce, (app) => {
        app.get('/mailboxes', (req, res) => void res.json(isRead ? mailbox.reach(req) : ['everything']));
      });
    const token = job('Mailbox.ReadWrite.OwnedBy');
    expect((await ask(lists(true), '/mailboxes', token)).body).toMatchObject({ kind: 'owned' });
    const unread = await ask(lists(false), '/mailboxes', token);
    expect([unread.status, unread.text]).toEqual([500, expect.not.stringContaining('everything')]);
  });

  it('in a router, and without a route, is protected as well', async () => {
    const router = express.Router().get('/:id/messages', answer);
    const app = appWith(enforced().enforce, (each) => {
      each.use('/mailboxes', router);
      each.use(answer);
    });
    expect((await ask(app, '/mailboxes/a/messages', user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/audit', job('Audit.Read.All', 'Mail.Read', 'Report.Read.All'))).status).toBe(200);
    expect((await ask(app, '/audit', job('Audit.Read.All'))).status).toBe(403);
    expect((await ask(app, '/else', job('Audit.Read.All'))).status).toBe(404);
  });

  it('of a route that declares itself must pass both', async () => {
    const app = appWith(enforced().enforce, (each) => {
      each.get('/mailboxes/:id/messages', allow(application('Report.Read.All')), answer);
      each.get('/audit', publicRoute(), answer);
    });
    expect((await ask(app, '/mailboxes/a/messages', job('Mail.Read'))).status).toBe(403);
    expect((await ask(app, '/mailboxes/a/messages', job('Report.Read.All'))).status).toBe(403);
    expect((await ask(app, '/mailboxes/a/messages', job('Mail.Read', 'Report.Read.All'))).status).toBe(200);
    expect((await ask(app, '/audit')).status).toBe(401);
  });

  it('below the path that enforce is mounted at is found below it', async () => {
    const app = express();
    app.use(authentication({ permissions }));
    app.use('/v1.0', enforced().enforce);
    app.get('/v1.0/mailboxes/:id/messages', answer);
    app.get('/mailboxes/:id/messages', answer);
    expect((await ask(app, '/v1.0/mailboxes/a/messages', user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/V1.0/mailboxes/a/messages/', user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/v1.0/mailboxes/a/messages', user('Mail.Send'))).status).toBe(403);
    // Not behind it: undeclared, as ever.
    expect((await ask(app, '/mailboxes/a/messages', user('Mail.Read'))).status).toBe(500);
  });
});

describe('OPTIONS', () => {
  it('goes on undecided where the document does not have it, and opens no handler', async () => {
    const app = appWith(enforced().enforce, (each) => {
      each.options('/audit', answer);
      each.get('/me/inbox', answer);
    });
    const preflight = await ask(app, '/me/inbox', undefined, 'options');
    expect([preflight.status, preflight.headers.allow?.replace(' ', '')]).toEqual([200, 'GET,HEAD']);
    const handled = await ask(app, '/audit', job('Audit.Read.All', 'Mail.Read', 'Report.Read.All'), 'options');
    expect([handled.status, handled.text]).toEqual([500, expect.not.stringContaining('answered')]);
  });
});

describe('what is published', () => {
  const messages: (DecisionMessage | RefusalMessage)[] = [];
  const collect = (message: unknown) => void messages.push(message as DecisionMessage);
  afterEach(() => {
    for (const name of [channels.decision, channels.refusal]) unsubscribe(name, collect);
    messages.length = 0;
  });

  it('names the template of the document, never the path', async () => {
    for (const name of [channels.decision, channels.refusal]) subscribe(name, collect);
    const app = mailApp();
    await ask(app, '/mailboxes/very-secret/messages', user('Mail.Read'));
    await ask(app, '/mailboxes/very-secret/messages', user('Mail.Send'));
    await ask(app, '/very-secret', user('Mail.Send'));
    expect(messages.map(({ outcome, route }) => [outcome, route])).toEqual([
      ['granted', '/mailboxes/{id}/messages'],
      ['refused', '/mailboxes/{id}/messages'],
      ['refused', undefined],
    ]);
    expect(JSON.stringify(messages)).not.toContain('very-secret');
  });
});

describe('reportOnly', () => {
  it('lets through and counts what would be refused', async () => {
    const until = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
    const authenticate = authentication({ permissions, reportOnly: { until } }) as ReturnType<typeof authentication> & {
      report(): { refusals: readonly object[] };
    };
    const app = express();
    app.use(authenticate, enforced().enforce);
    app.get('/mailboxes/:id/messages', answer);
    app.get('/secret', answer);
    expect((await ask(app, '/mailboxes/a/messages', user('Mail.Send'))).status).toBe(200);
    expect((await ask(app, '/secret')).status).toBe(200);
    expect(authenticate.report().refusals).toMatchObject([
      { route: '/mailboxes/:id/messages', code: 'missing_scope', count: 1 },
      { route: '/secret', code: 'no_credential', count: 1 },
    ]);
  });
});

describe('conditions', () => {
  it('hold wherever the permission is demanded', async () => {
    const asked: unknown[] = [];
    const { mailbox } = { mailbox: enforced().mailbox };
    const enforce = permissions.enforce({
      records: { 'Mailbox.ReadWrite.OwnedBy': { '/mailboxes/{id}': mailbox, '/mailboxes': { ownedOnly: mailbox } } },
      conditions: {
        'Mail.Read': { name: 'by day', test: ({ req }) => req.headers['x-time'] === 'day' },
        'Mailbox.ReadWrite.OwnedBy': {
          name: 'seen',
          test({ caller, record }) {
            asked.push(caller.kind, record);
            return true;
          },
        },
      },
    });
    const app = mailApp(enforce);
    const status = async (path: string, token: string, time: string, method: Method = 'get') =>
      (await ask(app, path, token, method).set('X-Time', time)).status;
    expect(await status('/mailboxes/a/messages', user('Mail.Read'), 'night')).toBe(403);
    expect(await status('/mailboxes/a/messages', user('Mail.Read'), 'day')).toBe(200);
    expect(await status('/mailboxes/a/sendMail', user('Mail.Send Mail.Read'), 'night', 'post')).toBe(403);
    expect(await status('/mailboxes/a/sendMail', user('Mail.Send Mail.ReadWrite'), 'night', 'post')).toBe(200);
    expect(await status('/mailboxes/bots', job('Mailbox.ReadWrite.OwnedBy'), 'night')).toBe(200);
    expect(asked).toMatchObject(['application', { id: 'bots' }]);
  });
});

describe('what is set up wrongly', () => {
  it('is an error of 500 without authenticate', async () => {
    const app = express();
    app.use(enforced().enforce, answer);
    for (const path of ['/audit', '/secret']) expect((await ask(app, path)).status).toBe(500);
  });

  it('is an error of 500 with the permissions of another API', async () => {
    const app = express();
    app.use(authentication(), enforced().enforce);
    app.use(answer);
    expect((await ask(app, '/me/inbox', user('Mail.Read'))).status).toBe(500);
  });
});

describe('assertDeclared', () => {
  it('takes what the document opens as declared', () => {
    const app = appWith(enforced().enforce, (each) => each.get('/mailboxes/:mailbox/messages', answer));
    expect(() => assertDeclared(app)).not.toThrow();
    app.get('/secret', answer);
    const { findings } = inventory(app);
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'not_in_document', method: 'GET', path: '/secret' }),
    );
  });
});
