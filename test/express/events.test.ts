import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import express, { type Express, type RequestHandler } from 'express';
import { allow, callerIfAny, channels, decisionOf, problemDetails, publicRoute } from 'express-app-roles';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../support/authority.js';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  authority,
  delegated,
  mailboxRecord,
  otherTenantId,
  servicePrincipalId,
  tenantId,
  userId,
} from './api.js';

const messages: { channel: string; message: Record<string, unknown> }[] = [];
const listeners = [channels.decision, channels.refusal, channels.notice].map(
  (name) =>
    [
      name,
      (message: unknown) => void messages.push({ channel: name, message: message as Record<string, unknown> }),
    ] as const,
);
const warnings: Error[] = [];
const warn = (warning: Error) => void warnings.push(warning);

beforeAll(() => {
  for (const [name, listener] of listeners) subscribe(name, listener);
  process.on('warning', warn);
});
afterAll(() => {
  for (const [name, listener] of listeners) unsubscribe(name, listener);
  process.off('warning', warn);
});
afterEach(() => void messages.splice(0));

const { mailbox } = mailboxRecord();
const fine: RequestHandler = (_req, res) => void res.json({ fine: true });
const user = {
  kind: 'delegated',
  kindFrom: 'inferred',
  tenantId,
  clientId: 'c0000000-0000-4000-8000-0000000000c1',
  tokenId: 'token-id',
};
const app = { ...user, kind: 'application', kindFrom: 'idtyp' };

const api = (changes = {}) =>
  apiWith((each) => {
    each.get('/mailboxes/:id', allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')), fine);
    each.use('/nested/:folder', express.Router().get('/items/:item', allow(application('Mail.Read')), fine));
    each.get(['/a', '/b'], allow(application('Mail.Read')), fine);
    each.get('/list', allow(application('Mailbox.OwnedBy').ownedOnly(mailbox)), fine);
    each.get('/undeclared/:id', fine);
    each.get('/public', publicRoute(), fine);
    each.use('/terminal', fine);
  }, changes);

const granted = { channel: channels.decision };
const refused = { channel: channels.refusal };

describe('an event', () => {
  it.each<[name: string, path: string, token: (() => string) | undefined, event: object]>([
    [
      'an admitted user',
      '/mailboxes/users?q=1',
      () => as.user('Mail.Read'),
      {
        ...granted,
        message: {
          outcome: 'granted',
          method: 'GET',
          route: '/mailboxes/:id',
          caller: user,
          grant: 'delegated Mail.Read, owned mailbox',
        },
      },
    ],
    [
      'an admitted application',
      '/mailboxes/users',
      () => as.app(['Mail.Read']),
      {
        ...granted,
        message: {
          outcome: 'granted',
          method: 'GET',
          route: '/mailboxes/:id',
          caller: app,
          grant: 'application Mail.Read',
        },
      },
    ],
    [
      'a refused user',
      '/mailboxes/strangers',
      () => as.user('Mail.Read'),
      {
        ...refused,
        message: {
          outcome: 'refused',
          enforced: true,
          method: 'GET',
          route: '/mailboxes/:id',
          caller: user,
          status: 403,
          code: 'not_owner',
          detail: undefined,
          grants: [
            { grant: 'delegated Mail.Read, owned mailbox', outcome: 'not-owner' },
            { grant: 'application Mail.Read', outcome: 'other-kind' },
          ],
        },
      },
    ],
    [
      'an anonymous request',
      '/a',
      undefined,
      {
        ...refused,
        message: {
          outcome: 'refused',
          enforced: true,
          method: 'GET',
          route: '/a | /b',
          caller: undefined,
          status: 401,
          code: 'no_credential',
          detail: undefined,
          grants: [],
        },
      },
    ],
    [
      'a bad token',
      '/a',
      () => 'a.b.c',
      {
        ...refused,
        message: {
          outcome: 'refused',
          enforced: true,
          method: 'GET',
          route: undefined,
          caller: undefined,
          status: 401,
          code: expect.any(String),
          detail: undefined,
          grants: [],
        },
      },
    ],
    [
      'an undeclared route',
      '/undeclared/7',
      undefined,
      {
        ...refused,
        message: {
          outcome: 'refused',
          enforced: true,
          method: 'GET',
          route: '/undeclared/:id',
          caller: undefined,
          status: 500,
          code: 'misconfigured',
          detail: expect.stringContaining('GET /undeclared/:id is not declared'),
          grants: [],
        },
      },
    ],
  ])('of %s', async (_name, path, token, event) => {
    await ask(api(), path, token?.());
    expect(messages.filter(({ channel }) => channel !== channels.notice)).toEqual([event]);
  });

  it('of a nested route names no more than templates', async () => {
    await ask(api(), '/nested/some-folder/items/some-item', as.app(['Mail.Read']));
    expect(messages[0]?.message.route).toMatch(/^\/(nested\/:folder|…)\/items\/:item$/);
  });

  it.each([
    ['/list', 'reach_not_read', as.app(['Mailbox.OwnedBy'])],
    ['/terminal/x', 'undeclared_route', undefined],
  ])('of the second net: %s', async (path, code, token) => {
    const each = api();
    await ask(each, path, token);
    await ask(each, path, token);
    const [refusals, notices] = [channels.refusal, channels.notice].map((name) =>
      messages.filter(({ channel }) => channel === name),
    );
    expect(refusals).toHaveLength(2);
    expect(notices).toEqual([{ channel: channels.notice, message: expect.objectContaining({ code }) }]);
  });

  it('of a client whose kind was inferred comes once for each client', async () => {
    const each = api();
    const inferred = { idtyp: undefined };
    await ask(each, '/a', as.app(['Mail.Read'], inferred));
    await ask(each, '/a', as.app(['Mail.Read'], inferred));
    await ask(each, '/a', as.app(['Mail.Read'], { ...inferred, azp: servicePrincipalId }));
    const notices = messages.filter(({ channel }) => channel === channels.notice).map(({ message }) => message);
    expect(notices).toEqual([
      { code: 'inferred_application', clientId: user.clientId, message: expect.stringContaining('optionalClaims') },
      {
        code: 'inferred_application',
        clientId: servicePrincipalId,
        message: expect.stringContaining('optionalClaims'),
      },
    ]);
  });

  it('carries the object id only on request', async () => {
    await ask(api({ objectIdsInEvents: true }), '/mailboxes/users', as.user('Mail.Read'));
    expect(messages[0]?.message.caller).toEqual({ ...user, objectId: userId });
    messages.splice(0);
    await ask(api(), '/mailboxes/users', as.user('Mail.Read'));
    expect(messages[0]?.message.caller).toEqual(user);
  });

  it('is not published for a public route', async () => {
    await ask(api(), '/public', as.user('x'));
    expect(messages).toEqual([]);
  });
});

describe('sentinels in every claim, in the token, in the URL and in the record', () => {
  const oid = '5ec4e700-0000-4000-8000-000000000001';
  const mark = 'SENTINEL';
  const claims = {
    oid,
    sub: `${mark}-sub`,
    name: `${mark}-name`,
    email: `${mark}-email@contoso.test`,
    given_name: `${mark}-given`,
    family_name: `${mark}-family`,
    idp: `https://${mark}-idp.test/`,
    rh: `${mark}-rh`,
    aio: `${mark}-aio`,
    sid: `${mark}-sid`,
    ipaddr: `${mark}-ipaddr`,
    login_hint: `${mark}-hint`,
    groups: [`${mark}-group`],
    wids: [`${mark}-wid`],
    custom: { deep: [{ [`${mark}-member`]: `${mark}-value` }] },
    [`${mark}-claim`]: mark,
    xms_cc: [`${mark}-cc`],
    xms_idrel: `1 ${mark}-relation`,
    xms_ftd: `${mark}-ftd`,
  };
  const personal = {
    preferred_username: `${mark}-preferred@contoso.test`,
    upn: `${mark}-upn@contoso.test`,
    unique_name: `${mark}-unique`,
  };
  const userToken = (scp: string, more = {}) =>
    as.user(`${scp} ${mark}-scope`, { ...claims, ...personal, roles: [`${mark}-role`], ...more });
  const appToken = (roles: string[], more = {}) => as.app([...roles, `${mark}-role`], { ...claims, ...more });

  const shown: string[] = [];
  const show = (...values: unknown[]) => {
    for (const value of values)
      shown.push(inspect(value, { depth: null, showHidden: true }), String(value), safeJson(value));
  };
  const { mailbox: marked } = mailboxRecord({
    find: (id) =>
      id.includes('absent')
        ? undefined
        : {
            id: `${mark}-record`,
            tenantId,
            owners: [{ tenantId, objectId: id.includes('own') ? oid : servicePrincipalId }],
          },
  });

  function marking(finish: (app: Express) => void): Express {
    const each = express().set('env', 'development');
    each.use(authentication());
    each.get(
      '/marked/:id',
      allow(
        delegated('Mail.Read').owned(marked),
        application('Mail.Read'),
        delegated('Mail.Write').when('never', () => false),
      ),
      (req, res) => {
        show(callerIfAny(req), decisionOf(req), decisionOf(req).grant, marked, marked.reach(req).kind);
        res.json({ fine: true });
      },
    );
    each.get('/public/:id', publicRoute(), (req, res) => {
      show(callerIfAny(req));
      res.json({ fine: true });
    });
    each.get('/undeclared/:id', fine);
    each.get('/list/:id', allow(application('Mailbox.OwnedBy').ownedOnly(marked)), fine);
    each.get('/misused/:id', allow(application('Mail.Read')), (req, res) => void res.json(marked.of(req)));
    each.use('/terminal', fine);
    each.use(
      (
        error: Error & { detail?: string },
        _req: express.Request,
        _res: express.Response,
        next: express.NextFunction,
      ) => {
        show(error, { ...error }, error.stack, error.message, error.cause, error.detail);
        next(error);
      },
    );
    finish(each);
    return each;
  }

  const requests: [path: string, token: (() => string) | undefined][] = [
    ['/marked/own', () => userToken('Mail.Read')],
    ['/marked/other', () => userToken('Mail.Read')],
    ['/marked/absent', () => userToken('Mail.Read')],
    ['/marked/own', () => userToken('Mail.Write')],
    ['/marked/own', () => userToken('x')],
    ['/marked/own', () => appToken(['Mail.Read'])],
    ['/marked/own', () => appToken([])],
    ['/marked/own', () => appToken(['Mail.Read'], { idtyp: undefined, sub: oid })],
    ['/marked/own', undefined],
    ['/public/own', () => userToken('x')],
    ['/public/own', () => appToken(['x'])],
    ['/undeclared/own', () => userToken('x')],
    ['/list/own', () => appToken(['Mailbox.OwnedBy'])],
    ['/misused/own', () => appToken(['Mail.Read'])],
    ['/terminal/own', () => userToken('x')],
    // Tokens that are refused, each for its own reason
    ['/marked/own', () => userToken('x', { exp: 1 })],
    ['/marked/own', () => userToken('x', { aud: `${mark}-audience` })],
    ['/marked/own', () => userToken('x', { iss: `https://${mark}.test/${tenantId}/v2.0` })],
    ['/marked/own', () => userToken('x', { tid: otherTenantId, iss: `${authority.origin}/${otherTenantId}/v2.0` })],
    ['/marked/own', () => userToken('x', { tid: `${mark}-tenant` })],
    ['/marked/own', () => userToken('x', { ver: `${mark}-version` })],
    ['/marked/own', () => userToken('x', { azp: `${mark}-client` })],
    ['/marked/own', () => userToken('x', { idtyp: `${mark}-idtyp` })],
    ['/marked/own', () => userToken('x', { idtyp: 'app' })],
    ['/marked/own', () => userToken('x', { roles: `${mark}-role` })],
    ['/marked/own', () => userToken('x', { scp: [`${mark}-scope`] })],
    ['/marked/own', () => userToken('x', { acct: mark })],
    ['/marked/own', () => userToken('x', { nonce: mark })],
    ['/marked/own', () => userToken('x', { cnf: { jwk: mark } })],
    ['/marked/own', () => authority.token({ ...authority.user('x'), ...claims }, { kid: `${mark}-kid` })],
    ['/marked/own', () => authority.token({ ...authority.user('x'), ...claims }, { alg: mark })],
    ['/marked/own', () => authority.token({ ...authority.user('x'), ...claims }, { crit: [mark] })],
    ['/marked/own', () => authority.token({ ...authority.user('x'), ...claims }, { typ: mark })],
    ['/marked/own', () => authority.token({ ...authority.user('x'), ...claims }, {}, makeKey('key-1'))],
    ['/marked/own', () => `${mark}.${mark}.${mark}`],
    ['/marked/own', () => `${mark}`],
    ['/marked/own', () => `${mark} ${mark}`],
    ['/marked/own', () => `${mark}\u00e9`],
  ];

  it.each([
    ['problem details', (each: Express) => void each.use(problemDetails())],
    ["Express's own handler", () => {}],
  ])('appear in no answer, event, warning, output or inspection: %s', async (_name, finish) => {
    const printed: string[] = [];
    const original = {
      error: console.error,
      warn: console.warn,
      log: console.log,
      out: process.stdout.write,
      err: process.stderr.write,
    };
    const keep = (...values: unknown[]) => void printed.push(...values.map((value) => inspect(value, { depth: null })));
    Object.assign(console, { error: keep, warn: keep, log: keep });
    const each = marking(finish);
    const answers: string[] = [];
    const tokens: string[] = [];
    try {
      for (const [path, token] of requests) {
        const sent = token?.();
        if (sent !== undefined) tokens.push(sent);
        const { status, headers, text } = await ask(each, `${path}-${mark}?q=${mark}&access_token=${mark}`, sent)
          .set('Cookie', `session=${mark}`)
          .ok(() => true);
        answers.push(`${status} ${JSON.stringify(headers)} ${text}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      Object.assign(console, { error: original.error, warn: original.warn, log: original.log });
    }
    const everything = {
      answers,
      printed,
      shown,
      messages: messages.map((message) => inspect(message, { depth: null, showHidden: true })),
      warnings: warnings.map((warning) => inspect(warning, { depth: null, showHidden: true })),
    };
    expect(messages.length).toBeGreaterThan(20);
    expect(shown.length).toBeGreaterThan(20);
    const secrets = [
      mark,
      mark.toLowerCase(),
      oid,
      ...tokens.flatMap((token) => token.split('.')).filter((part) => part.length > 20),
    ];
    for (const [where, texts] of Object.entries(everything))
      for (const text of texts) for (const secret of secrets) expect(`${where}: ${text}`).not.toContain(secret);
  });
});

function safeJson(value: unknown): string {
  return JSON.stringify(value) ?? '';
}
