import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Grant } from 'express-app-roles';
import { type AssignmentStore, memoryAssignments, testAuthorization } from 'express-app-roles/assignments';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.js';
import { admin, api, application, call, delegated, entra, kinds, mailboxes, reader } from './api.js';

expect.extend(entra.matchers);

const job = entra.client('job');
const tenantId = entra.tenant;

/** A client that is assigned to the scopes of two departments. */
async function assigned(store: AssignmentStore): Promise<Record<'sales' | 'law', string>> {
  const ids: string[] = [];
  for (const name of ['sales', 'law']) {
    await store.putScope({ tenantId, record: 'mailbox', name, filter: { department: name } });
    const made = await store.assign({
      record: 'mailbox',
      scope: name,
      client: job.principal,
      permission: 'Mail.Send',
      reason: undefined,
      createdBy: job.principal,
    });
    if (typeof made === 'string') throw new Error(made);
    ids.push(made.id);
  }
  const [sales = '', law = ''] = ids;
  return { sales, law };
}

describe('what a client may do to a record', () => {
  const store = memoryAssignments();
  const { mailbox, mailboxScopes } = kinds(store);
  let ids: Awaited<ReturnType<typeof assigned>>;
  beforeAll(async () => {
    ids = await assigned(store);
    await store.putSelection({ record: 'mailbox', key: 'law', client: job.principal, roles: ['read'] });
  });
  const ask = (grants: readonly [Grant, ...Grant[]], id = 'sales', client = job.principal) =>
    testAuthorization({ client, grants, record: mailbox, item: mailboxes[id] as never });

  it('is told with every assignment, and whether its scope has the record', async () => {
    expect(await ask([application('Mail.Send').within(mailboxScopes)])).toEqual({
      isAuthorized: true,
      grants: [
        {
          grant: 'application Mail.Send, within mailbox',
          permissions: ['Mail.Send'],
          outcome: 'matched',
          isUnlimited: false,
          conditions: [],
          assignments: [
            { assignment: ids.sales, scope: 'sales', filter: { department: 'sales' }, isInScope: true },
            { assignment: ids.law, scope: 'law', filter: { department: 'law' }, isInScope: false },
          ],
        },
      ],
    });
  });

  it.each<[string, Grant, string, string]>([
    ['a role that it has', application('Mail.Send.Selected').selected(mailbox, 'read'), 'law', 'matched'],
    ['a role that it lacks', application('Mail.Send.Selected').selected(mailbox, 'send'), 'law', 'not-selected'],
    ['another record', application('Mail.Send.Selected').selected(mailbox, 'read'), 'sales', 'not-selected'],
    ['a record that is not its own', application('Mail.Send').owned(mailbox), 'sales', 'not-owner'],
    ['assignments of another permission', application('Mail.Send.All').within(mailboxScopes), 'sales', 'out-of-scope'],
    ['a record of another tenant', application('Mail.Send').within(mailboxScopes), 'foreign', 'other-tenant'],
    ['one across tenants', application('Mail.Send').within(mailboxScopes).acrossTenants(), 'foreign', 'matched'],
  ])('is told for %s', async (_name, grant, id, outcome) => {
    expect(await ask([delegated('Mailbox.Share').owned(mailbox), grant], id)).toMatchObject({
      isAuthorized: outcome === 'matched',
      grants: [{ outcome }],
    });
  });

  it('is not told by a grant of all records: only Entra knows who holds that', async () => {
    expect(await ask([application('Mail.Send.All')])).toMatchObject({
      isAuthorized: false,
      grants: [{ outcome: 'matched', isUnlimited: true }],
    });
  });

  it('names conditions, and asks none of them', async () => {
    const grant = application('Mail.Send')
      .within(mailboxScopes)
      .when('by day', () => {
        throw new Error('asked');
      });
    expect(await ask([grant])).toMatchObject({ isAuthorized: true, grants: [{ conditions: ['by day'] }] });
  });

  it('is nothing for another client', async () => {
    const stranger = entra.client('stranger').principal;
    const answer = await ask([application('Mail.Send').within(mailboxScopes)], 'sales', stranger);
    expect(answer).toMatchObject({ isAuthorized: false, grants: [{ outcome: 'out-of-scope', assignments: [] }] });
  });
});

describe('the command line', () => {
  const { app, store } = api();
  const server = app.listen(0, '127.0.0.1');
  let origin: string;
  beforeAll(async () => {
    if (!server.listening) await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assigned(store);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = ['--client', job.principal.objectId];
  const run = async (words: readonly string[], token = reader.Authorization.slice('Bearer '.length)) => {
    const cli = runCli(['test-authorization', ...words], { env: { TOKEN: token, NODE_ENV: 'test' } });
    const code = await cli.ended;
    return { code, ...cli.output() };
  };
  const ask = (id: string, ...more: string[]) =>
    run([`${origin}/mailboxes/${id}/senders`, ...client, '--token-variable', 'TOKEN', ...more]);

  it('says through which assignment', async () => {
    const { code, stdout } = await ask('sales');
    expect(code).toBe(0);
    expect(stdout).toMatch(/may, with a token .*\n {2}application Mail\.Send, within mailbox +matched\n/);
    expect(stdout).toMatch(/ {4}sales +in scope, assignment [\da-f-]{36}\n {4}law +not in scope/);
    expect(stdout).toMatch(/Mail\.Send\.Selected, selected mailbox as send +not-selected\n/);
  });

  it('prints what the API answers', async () => {
    const { code, stdout } = await ask('law', '--json', '--tenant', tenantId);
    const { body } = await call(app, 'get', `/mailboxes/law/senders/${job.principal.objectId}`, admin);
    expect([code, JSON.parse(stdout)]).toEqual([0, body]);
  });

  it('tells what the API refuses, and keeps the token to itself', async () => {
    const absent = await ask('none');
    expect([absent.code, absent.stderr]).toEqual([
      1,
      'express-app-roles test-authorization: 404: There is no such record.\n',
    ]);
    const words = [`${origin}/mailboxes/sales/senders`, ...client, '--token-variable', 'TOKEN'];
    const refused = await run(words, 'not-a-token');
    expect([refused.code, refused.stderr.includes('not-a-token')]).toEqual([1, false]);
    expect(refused.stderr).toMatch(/: 401: /);
    const other = await run([`${origin}/mailbox-scopes`, ...client, '--token-variable', 'TOKEN']);
    expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/: 40/)]);
  });

  it.each([
    [[], /name the URL/],
    [['http://mail.example.com/mailboxes/42/senders', ...client, '--token-variable', 'TOKEN'], /over https only/],
    [['http://127.0.0.1.example.com/', ...client, '--token-variable', 'TOKEN'], /over https only/],
    [['https://mail.example.com/', '--token-variable', 'TOKEN'], /--client is missing/],
    [['https://mail.example.com/', ...client], /--token-variable is missing/],
    [['https://mail.example.com/', ...client, '--token-variable', 'NONE_SUCH'], /no such environment variable/],
  ])('refuses what is typed wrong: %j', async (words, message) => {
    const { code, stderr } = await run(words as string[]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message as RegExp)]);
  });
});
