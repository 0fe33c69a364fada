import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { allow, callerIfAny, callerOf, problemDetails, publicRoute } from 'express-app-roles';
import { afterEach, describe, expect, it } from 'vitest';
import { application, as, authentication, type Changes, delegated, parse, exchange as send } from './api.js';

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  running.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a gateway sends on of the headers that a client sent it. */
type Policy = (headers: IncomingHttpHeaders) => OutgoingHttpHeaders;

/** A small reverse proxy. */
function gateway(port: number, policy: Policy): Promise<number> {
  const proxy = createServer((req, res) => {
    const { method, url: path } = req;
    const onward = request({ host: '127.0.0.1', port, method, path, headers: policy(req.headers) }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(onward);
  });
  return listen(proxy);
}

function api(changes: Changes = {}): Express {
  const app = express().use(authentication(changes));
  app.get('/mail', allow(delegated('Mail.Read'), application('Mail.Read')), (req, res) => {
    const { kind, clientId } = callerOf(req);
    res.json({ kind, clientId });
  });
  app.get('/who', publicRoute(), (req, res) => void res.json({ kind: callerIfAny(req)?.kind ?? 'anonymous' }));
  app.get('/health', publicRoute(), (_req, res) => void res.json({}));
  return app.use(problemDetails());
}

async function through(policy: Policy, headers: Record<string, string>, changes: Changes = {}, path = '/mail') {
  const port = await gateway(await listen(createServer(api(changes))), policy);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return {
    status: answer.status,
    challenge: answer.headers.get('www-authenticate'),
    body: (await answer.json()) as Body,
  };
}

interface Body {
  readonly kind?: string;
  readonly code?: string;
}

const pass: Policy = (headers) => headers;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const gatewayClientId = 'c0000000-0000-4000-8000-0000000000e0';
const callerClientId = 'c0000000-0000-4000-8000-0000000000c1';
const tokenHeader = 'X-Forwarded-Access-Token';

describe('a gateway that passes Authorization on', () => {
  it('is not noticed', async () => {
    const good = await through(pass, bearer(as.user('Mail.Read')));
    expect([good.status, good.body]).toEqual([200, { kind: 'delegated', clientId: callerClientId }]);
    const bad = await through(pass, bearer('a.b.c'));
    expect([bad.status, bad.body.code, bad.challenge]).toEqual([
      401,
      'not_a_jwt',
      expect.stringMatching(/invalid_token/),
    ]);
  });
});

describe('a gateway that calls as itself', () => {
  const asItself = (roles: string[]): Policy => {
    const token = as.app(roles, { azp: gatewayClientId });
    return (headers) => ({ ...headers, authorization: `Bearer ${token}` });
  };

  it('is the caller, whoever called it', async () => {
    for (const headers of [bearer(as.user('Mail.Read')), bearer('a.b.c'), {}]) {
      const { status, body } = await through(asItself(['Mail.Read']), headers);
      expect([status, body]).toEqual([200, { kind: 'application', clientId: gatewayClientId }]);
    }
    const without = await through(asItself([]), bearer(as.user('Mail.Read')));
    expect([without.status, without.body.code]).toEqual([403, 'missing_app_role']);
  });

  it('may pass the token that it replaced in one named header: then its client is the caller', async () => {
    const policy: Policy = (headers) => ({
      ...asItself(['Mail.Read'])(headers),
      [tokenHeader]: headers.authorization ?? '',
    });
    const user = await through(policy, bearer(as.user('Mail.Read')), { tokenHeader });
    expect([user.status, user.body]).toEqual([200, { kind: 'delegated', clientId: callerClientId }]);
    const bad = await through(policy, bearer('a.b.c'), { tokenHeader });
    expect([bad.status, bad.body.code]).toEqual([401, 'not_a_jwt']);
    const anonymous = await through(policy, {}, { tokenHeader });
    expect([anonymous.status, anonymous.body.code]).toEqual([401, 'no_credential']);
    expect((await through(policy, {}, { tokenHeader }, '/who')).body).toEqual({ kind: 'anonymous' });
  });

  it('overwrites what its client sends in that header', async () => {
    const policy: Policy = ({ authorization, ...headers }) => ({
      ...headers,
      [tokenHeader.toLowerCase()]: authorization,
    });
    const forged = { ...bearer(as.app(['App.Only'])), [tokenHeader]: as.app(['Mail.Read']) };
    const { status, body } = await through(policy, forged, { tokenHeader });
    expect([status, body.code]).toEqual([403, 'missing_app_role']);
  });
});

describe('identity headers', () => {
  const principal = Buffer.from(
    JSON.stringify({ auth_typ: 'aad', role_typ: 'roles', claims: [{ typ: 'roles', val: 'Mail.Read' }] }),
  ).toString('base64');
  const forged = () => ({
    'X-MS-CLIENT-PRINCIPAL': principal,
    'X-MS-CLIENT-PRINCIPAL-ID': '0b000000-0000-4000-8000-000000000001',
    'X-MS-CLIENT-PRINCIPAL-NAME': 'ada@contoso.test',
    'X-MS-CLIENT-PRINCIPAL-IDP': 'aad',
    'X-MS-TOKEN-AAD-ID-TOKEN': as.user('Mail.Read'),
    'X-MS-TOKEN-AAD-ACCESS-TOKEN': as.app(['Mail.Read']),
    'X-ZUMO-AUTH': as.app(['Mail.Read']),
    'X-Forwarded-User': 'ada@contoso.test',
    'X-Forwarded-Access-Token': as.app(['Mail.Read']),
    'X-Forwarded-Authorization': `Bearer ${as.app(['Mail.Read'])}`,
    'X-Original-Authorization': `Bearer ${as.app(['Mail.Read'])}`,
  });

  it.each<[name: string, credential: () => Record<string, string>, path: string]>([
    ['no token', () => ({}), '/mail'],
    ['no token on a public route', () => ({}), '/who'],
    ['a token without the permission', () => bearer(as.app([])), '/mail'],
    ['a bad token', () => bearer('a.b.c'), '/mail'],
    ['a good token', () => bearer(as.user('Mail.Read')), '/mail'],
  ])('change nothing beside %s', async (_name, credential, path) => {
    const headers = credential();
    expect(await through(pass, { ...headers, ...forged() }, {}, path)).toEqual(await through(pass, headers, {}, path));
  });

  it('change nothing where another header is the one with the token', async () => {
    const changes = { tokenHeader: 'X-Token-Of-Client' };
    const { status, body } = await through(pass, forged(), changes);
    expect([status, body.code]).toEqual([401, 'no_credential']);
  });
});

describe('tokenHeader', () => {
  const outcome = async (lines: readonly string[], name = tokenHeader) => {
    const { status, body } = parse((await send(api({ tokenHeader: name }), 'GET', '/mail', lines)).bytes);
    const answer = JSON.parse(body);
    return `${status} ${answer.code ?? answer.kind}`;
  };

  it.each<[name: string, lines: () => string[], wanted: string]>([
    ['a token alone', () => [`${tokenHeader}: ${as.user('Mail.Read')}`], '200 delegated'],
    ['a token after Bearer', () => [`${tokenHeader}: Bearer ${as.user('Mail.Read')}`], '200 delegated'],
    ['the name in another case', () => [`x-FORWARDED-access-token: ${as.user('Mail.Read')}`], '200 delegated'],
    ['Authorization only', () => [`Authorization: Bearer ${as.user('Mail.Read')}`], '401 no_credential'],
    [
      'Authorization beside it',
      () => [`Authorization: Bearer ${as.user('Mail.Read')}`, `${tokenHeader}: ${as.app(['Mail.Read'])}`],
      '200 application',
    ],
    [
      'a good Authorization beside a bad token',
      () => [`Authorization: Bearer ${as.user('Mail.Read')}`, `${tokenHeader}: a.b.c`],
      '401 not_a_jwt',
    ],
    [
      'Basic in Authorization',
      () => ['Authorization: Basic YTpi', `${tokenHeader}: ${as.app(['Mail.Read'])}`],
      '200 application',
    ],
    ['nothing', () => [], '401 no_credential'],
    ['an empty header', () => [`${tokenHeader}:`], '401 no_credential'],
    ['Bearer alone', () => [`${tokenHeader}: Bearer`], '400 malformed_credential'],
    ['another scheme', () => [`${tokenHeader}: Basic YTpi`], '400 malformed_credential'],
    ['two tokens in one', () => [`${tokenHeader}: ${as.user('Mail.Read')}, a.b.c`], '400 malformed_credential'],
    [
      'the header twice',
      () => [`${tokenHeader}: ${as.user('Mail.Read')}`, `X-FORWARDED-ACCESS-TOKEN: ${as.user('Mail.Read')}`],
      '400 repeated_credential',
    ],
    [
      'an empty one first',
      () => [`${tokenHeader}:`, `${tokenHeader}: ${as.user('Mail.Read')}`],
      '400 repeated_credential',
    ],
  ])('with %s', async (_name, lines, wanted) => {
    expect(await outcome(lines())).toBe(wanted);
  });

  it('caps the token', async () => {
    const server = createServer({ maxHeaderSize: 100_000 }, api({ tokenHeader }));
    const port = await listen(server);
    const ask = (length: number) =>
      fetch(`http://127.0.0.1:${port}/mail`, { headers: { [tokenHeader]: 'a'.repeat(length) } }).then(
        (res) => res.json() as Promise<Body>,
      );
    expect([(await ask(32_769)).code, (await ask(32_768)).code]).toEqual(['oversized_credential', 'not_a_jwt']);
  });

  it('may be the one that App Service authentication uses', async () => {
    const name = 'X-MS-TOKEN-AAD-ACCESS-TOKEN';
    expect(await outcome([`${name}: ${as.user('Mail.Read')}`], name)).toBe('200 delegated');
    const identity = ['X-MS-CLIENT-PRINCIPAL-ID: 0b000000-0000-4000-8000-000000000001'];
    expect(await outcome(identity, name)).toBe('401 no_credential');
  });

  it.each([
    ['X-MS-CLIENT-PRINCIPAL', /x-ms-client-principal, which holds no access token.*'X-Forwarded-Access-Token'/],
    ['x-ms-client-principal-id', /holds no access token/],
    ['X-MS-TOKEN-AAD-ID-TOKEN', /holds no access token/],
    ['X-MS-TOKEN-AAD-REFRESH-TOKEN', /holds no access token/],
    ['X-MS-TOKEN-GOOGLE-ACCESS-TOKEN', /holds no access token/],
    ['X-ZUMO-AUTH', /holds no access token/],
    ['Cookie', /holds no access token/],
    ['Proxy-Authorization', /holds no access token/],
    ['Authorization', /leave tokenHeader out/],
    ['', /name of one header/],
    ['X Token', /name of one header/],
    ['X-Token:', /name of one header/],
    ['X-Töken', /name of one header/],
    [['X-Token'], /name of one header/],
    [true, /name of one header/],
    [null, /name of one header/],
  ])('%j stops the start', (name, message) => {
    expect(() => authentication({ tokenHeader: name })).toThrow(message);
  });
});
