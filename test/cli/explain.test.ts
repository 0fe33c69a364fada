import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authority,
  asV1,
  callerClientId,
  clientId,
  otherTenantId,
  servicePrincipalId,
  startAuthority,
  tenantId,
  userId,
} from '../support/authority.js';
import { runCli } from './run-cli.js';

const module = (name: string) => fileURLToPath(new URL(`../inventory/apps/${name}.ts`, import.meta.url));

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());

const user = (scp: string, claims = {}) => authority.token(authority.user(scp, claims));
const client = (roles: readonly string[], claims = {}) => authority.token(authority.application(roles, claims));

/** Runs the verb on a token. What belongs to a person, and the token, must never be seen. */
async function explain(token: string, ...words: readonly string[]) {
  const { ended, output, process: child } = runCli(['explain', ...words], { env: { NO_COLOR: '1' } });
  child.stdin?.end(token);
  const code = await ended;
  const { stdout, stderr } = output();
  for (const secret of ['eyJ', 'Ada', 'ada@contoso.test', 'pairwise-opaque-subject'])
    expect(stdout + stderr).not.toContain(secret);
  return { code, stdout, stderr };
}

describe('npx express-app-roles explain', () => {
  it('says who a client is, how that is known, and that nothing is proven', async () => {
    const { code, stdout } = await explain(`Bearer ${client(['Mail.Read', 'Mail.Send'])}\n`);
    expect(code).toBe(0);
    expect(
      stdout.replace(/\d{4}-\d\d-\d\dT.*Z/, 'then'),
    ).toBe(`NOT VERIFIED: this is what the token says, and anyone can write such a token.
  caller                   application, as idtyp says
  tenant                   ${tenantId}
  client                   ${callerClientId}
  principal                ${servicePrincipalId}
  audience                 ${clientId}, version 2.0
  application permissions  Mail.Read Mail.Send
  client proved by         secret
  expires                  then
`);
  });

  it('says who a user is, without a name', async () => {
    const { stdout } = await explain(user('Mail.Read', { roles: ['Dispatcher'] }));
    expect(stdout).toMatch(/caller +delegated, inferred: it has scopes/);
    expect(stdout).toMatch(new RegExp(`principal +${userId}\\n`));
    expect(stdout).toMatch(/delegated permissions +Mail\.Read\n +user roles +Dispatcher\n/);
  });

  it('says why it is not known who is calling', async () => {
    const token = client([], { idtyp: undefined, sub: 'someone-else' });
    const { code, stdout } = await explain(token);
    expect(code).toBe(1);
    expect(stdout).toMatch(/caller +unknown\n +refused +401 unknown_kind: The token says neither that a user nor/);
    expect(stdout).toContain(callerClientId);
    const json = JSON.parse((await explain(token, '--json')).stdout);
    expect(json).toMatchObject({ isVerified: false, refusal: { status: 401, code: 'unknown_kind' } });
    expect(json.caller).toBeUndefined();
  });

  it.each<[name: string, token: () => string, code: string]>([
    ['no JWT', () => 'abc', 'not_a_jwt'],
    ['an ID token', () => user('Mail.Read', { nonce: 'n' }), 'id_token'],
    ['a contradiction', () => client(['Mail.Read'], { preferred_username: 'ada@contoso.test' }), 'contradictory_kind'],
  ])('says that it is %s', async (_name, token, refusal) => {
    const { code, stdout } = await explain(token());
    expect([code, stdout.split('\n')[0]?.slice(0, 12)]).toEqual([1, 'NOT VERIFIED']);
    expect(stdout).toContain(`401 ${refusal}: `);
  });

  it('says that a token has expired, and lets no terminal obey it', async () => {
    const { stdout } = await explain(client(['Mail.\u001b[2JRead'], { exp: 1_000_000_000, iat: 0, nbf: 0 }));
    expect(stdout).toMatch(/expires +2001-09-09T01:46:40\.000Z: it has expired/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('Mail.?[2JRead');
  });
});

describe('verified', () => {
  const asked = () => ['--tenant', tenantId, '--client-id', clientId, '--authority', authority.address];

  it.each<[name: string, token: () => string]>([
    ['v2.0', () => client(['Mail.Read'])],
    ['v1.0', () => authority.token(asV1(authority.application(['Mail.Read']), authority.origin))],
  ])('a good token of version %s', async (_name, token) => {
    const { code, stdout } = await explain(token(), ...asked());
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'VERIFIED with the keys of the authority.']);
    expect(stdout).toMatch(/application permissions +Mail\.Read/);
  });

  it.each<[name: string, token: () => string, refusal: string]>([
    ['forged', () => client(['Mail.Read']).slice(0, -8).concat('AAAAAAAA'), 'bad_signature'],
    ['of another tenant', () => client(['Mail.Read'], { tid: otherTenantId }), 'wrong_issuer'],
    ['expired', () => client(['Mail.Read'], { exp: 1_000_000_000, iat: 0, nbf: 0 }), 'expired'],
  ])('one that is %s is refused', async (_name, token, refusal) => {
    const { code, stdout } = await explain(token(), ...asked());
    expect([code, stdout.split('\n')[0]?.slice(0, 7)]).toEqual([1, 'REFUSED']);
    expect(stdout).toContain(`401 ${refusal}: `);
    expect(stdout).not.toContain('Mail.Read');
  });
});

describe('against a route', () => {
  const route = (name: string) => ['--app', module('mail'), '--route', name];

  it('tells grant by grant what is known, and what depends', async () => {
    const { code, stdout } = await explain(
      client(['Mailbox.OwnedBy', 'Mail.Read']),
      ...route('get /mailboxes/:mailbox'),
    );
    expect(stdout.slice(stdout.indexOf('\n\n') + 2)).toBe(`GET /mailboxes/:id: admitted, if what it depends on is so
  no       delegated Mail.Read, owned mailbox: is for callers of the other kind
  depends  application Mailbox.OwnedBy, owned mailbox: if the caller owns the mailbox
  depends  application Mail.Read, when by day: if the condition 'by day' holds
  no       application Mail.Send: the caller does not hold the permission
`);
    expect(code).toBe(0);
  });

  it('admits by the token alone where that is enough', async () => {
    const { code, stdout } = await explain(client(['Mail.Send']), ...route('GET /mailboxes/:id'));
    expect(stdout).toContain('\nGET /mailboxes/:id: admitted\n');
    expect(stdout).toContain('\n  yes      application Mail.Send: the token has what it takes\n');
    expect(code).toBe(0);
  });

  it('refuses as the route does, and asks every allow', async () => {
    const { code, stdout } = await explain(user('Mail.Send Mail.Read'), ...route('POST /mailboxes/:id/send'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).requirement).toMatchObject({
      name: 'POST /mailboxes/:id/send',
      admits: 'no',
      allows: [
        {
          admits: 'no',
          grants: [{ admits: 'no', why: 'the user lacks the role' }],
          refusal: { status: 403, code: 'missing_user_role' },
        },
        { admits: 'yes' },
      ],
    });
  });

  it.each<[name: string, route: string, roles: string[], what: string]>([
    ['what is public', 'GET /health', [], 'GET /health: anyone may call it'],
    ['HEAD as GET', 'HEAD /health', [], 'GET /health: anyone may call it'],
    ['an app that is mounted', 'GET /admin/users', ['Mail.Read'], 'GET /admin/users: admitted'],
  ])('knows %s', async (_name, name, roles, what) => {
    const { code, stdout } = await explain(client(roles), ...route(name));
    expect([code, stdout.includes(`\n${what}\n`)]).toEqual([0, true]);
  });

  it('admits no one to what is not declared', async () => {
    const { code, stdout } = await explain(
      client(['Mail.Read']),
      '--app',
      module('undeclared'),
      '--route',
      'GET /open',
    );
    expect([code, stdout.includes('GET /open: it is not declared, so no one may call it')]).toEqual([1, true]);
  });
});

describe('against a grant', () => {
  const grant = (text: string) => ['--permissions', module('permissions'), '--grant', text];

  it.each<[text: string, roles: string[], code: number, line: string]>([
    ['application Mail.Send', ['Mail.Send'], 0, '  yes      application Mail.Send: the token has what it takes'],
    ['application Mail.Send', ['Mail.Read'], 1, '  refused: 403 missing_app_role: '],
    [
      'application Mail.Send and Mail.Read',
      ['Mail.Send'],
      1,
      '  no       application Mail.Send and Mail.Read: the caller does not hold',
    ],
    [
      'application Old.Read',
      ['Old.Read'],
      1,
      '  no       application Old.Read: the permission is switched off in the API',
    ],
    ['delegated Mail.Send', ['Mail.Send'], 1, '  no       delegated Mail.Send: is for callers of the other kind'],
  ])('%s, with %s', async (text, roles, code, line) => {
    const answer = await explain(client(roles), ...grant(text));
    expect([answer.code, answer.stdout.includes(`\n${line}`)]).toEqual([code, true]);
  });
});

describe('bad input is one line that says how to fix it, and ends with 2', () => {
  it.each<[name: string, words: () => string[], message: RegExp, token?: string]>([
    ['no token', () => [], /no token came from standard input/, ' \n'],
    ['a token as an argument', () => [client(['Mail.Read'])], /"<token>" is one too many/],
    ['a token as an option', () => ['--tenant', client(['Mail.Read'])], /--tenant <token>: must be a GUID/],
    ['half of what verifies', () => ['--tenant', tenantId], /--client-id is missing/],
    [
      'an authority that is none',
      () => ['--tenant', tenantId, '--client-id', clientId, '--authority', 'here'],
      /--authority: must be an address/,
    ],
    [
      'a cloud that is none',
      () => ['--tenant', tenantId, '--client-id', clientId, '--cloud', 'moon'],
      /cloud must be one of global/,
    ],
    ['an app without a route', () => ['--app', module('mail')], /--app and --route go together/],
    [
      'a grant without permissions',
      () => ['--grant', 'application Mail.Send'],
      /--permissions and --grant go together/,
    ],
    [
      'a route that is no route',
      () => ['--app', module('mail'), '--route', '/health'],
      /--route: must be a method and a template/,
    ],
    [
      'a route that is not there',
      () => ['--app', module('mail'), '--route', 'PUT /health'],
      /has no PUT \/health\. There is GET \/health/,
    ],
    [
      'a grant that is no grant',
      () => ['--permissions', module('permissions'), '--grant', 'Mail.Send'],
      /--grant: must be a kind and a permission/,
    ],
    [
      'a permission that is not there',
      () => ['--permissions', module('permissions'), '--grant', 'application Mail.Sned'],
      /'Mail\.Sned' is not in the catalogue/,
    ],
  ])('%s', async (_name, words, message, token = client(['Mail.Read'])) => {
    const { code, stdout, stderr } = await explain(token, ...words());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^express-app-roles explain: /);
  });
});
