import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { startEmulator } from 'express-app-roles/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../example-api/app.js';
import { mailroomRegistration } from '../../example-api/local-entra.js';
import { people, teams } from '../../example-api/sample-data.js';
import { type Mailroom, startMailroom } from '../../example-api/start-mailroom.js';

const { ada, grace, linus } = people;
const report = { to: grace.mail, subject: 'Nightly report', body: 'All is well.' };
const ownMailboxes = ['Mailbox.ReadWrite.OwnedBy', 'Mail.Send.OwnedBy'];

let mailroom: Mailroom;
let server: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  mailroom = await startMailroom({
    'Nightly script': ['Mail.Send'],
    'Nightly script without a grant': [],
    'Report script': ownMailboxes,
    'Other script': ownMailboxes,
    'Backup job': ['Mail.Read', 'Team.ReadBasic.All', 'ChannelMessage.Read.All', 'User.ReadBasic.All'],
  });
  server = await listen(mailroom.app);
}, 30_000);
afterAll(async () => {
  server.close();
  await mailroom.stop();
});

async function listen(app: RequestListener) {
  const listening = createServer(app).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    origin: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    close() {
      listening.close();
      listening.closeAllConnections();
    },
  };
}

/** A client as itself: its token comes from Microsoft's own library, by the client credentials flow. */
async function clientCalled(name: string) {
  const { origin, tenantId } = mailroom.entra;
  const discovery = await fetch(`${origin}/${tenantId}/v2.0/.well-known/openid-configuration`);
  const msal = new ConfidentialClientApplication({
    auth: {
      clientId: mailroom.clientCalled(name).clientId,
      clientSecret: mailroom.secret,
      authority: `https://login.microsoftonline.com/${tenantId}`,
      authorityMetadata: await discovery.text(),
    },
  });
  const scopes = [`api://${mailroomRegistration.clientId}/.default`];
  const result = await msal.acquireTokenByClientCredential({ scopes });
  return caller(server.origin, `Bearer ${result?.accessToken}`);
}

function caller(api: string, authorization: string) {
  return async (method: string, path: string, body?: object) => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
}

async function subjectsOf(objectId: string): Promise<string[]> {
  const backup = await clientCalled('Backup job');
  const { body } = await backup('GET', `/users/${objectId}/messages`);
  return body.map(({ subject }: { subject: string }) => subject);
}

describe("a nightly script sends mail from Ada's mailbox", () => {
  it('is 403 as long as it was not granted Mail.Send, and nothing is delivered', async () => {
    const script = await clientCalled('Nightly script without a grant');
    const { status, headers, body } = await script('POST', `/users/${ada.objectId}/sendMail`, report);
    expect(status).toBe(403);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body.status).toBe(403);
    expect(await subjectsOf(grace.objectId)).not.toContain(report.subject);
  });

  it("is accepted once it was, and the message is in Grace's mailbox", async () => {
    const script = await clientCalled('Nightly script');
    expect((await script('POST', `/users/${ada.objectId}/sendMail`, report)).status).toBe(202);
    expect(await subjectsOf(grace.objectId)).toContain(report.subject);
  });

  it('reads no mail with it', async () => {
    const script = await clientCalled('Nightly script');
    expect((await script('GET', `/users/${ada.objectId}/messages`)).status).toBe(403);
  });
});

describe('a script with a mailbox of its own', () => {
  type Script = Awaited<ReturnType<typeof clientCalled>>;
  let mine: Script;
  let theirs: Script;
  let own: string;
  let foreign: string;

  beforeAll(async () => {
    mine = await clientCalled('Report script');
    theirs = await clientCalled('Other script');
    const created = await mine('POST', '/mailboxes', { address: 'reports@mailroom.test', displayName: 'Reports' });
    expect(created.status).toBe(201);
    own = created.body.id;
    foreign = (await theirs('POST', '/mailboxes', { address: 'other@mailroom.test', displayName: 'Other' })).body.id;
  });

  it('sends from the mailbox that it created', async () => {
    const subject = 'From a mailbox of its own';
    expect((await mine('POST', `/users/${own}/sendMail`, { ...report, subject })).status).toBe(202);
    expect(await subjectsOf(grace.objectId)).toContain(subject);
  });

  it('lists that mailbox alone', async () => {
    const { body } = await mine('GET', '/mailboxes');
    expect(body.map(({ id }: { id: string }) => id)).toEqual([own]);
  });

  it("finds the other script's mailbox closed", async () => {
    expect((await mine('POST', `/users/${foreign}/sendMail`, report)).status).toBe(403);
    expect((await mine('GET', `/mailboxes/${foreign}`)).status).toBe(403);
    expect((await mine('PATCH', `/mailboxes/${foreign}`, { displayName: 'Mine' })).status).toBe(403);
    expect((await mine('DELETE', `/mailboxes/${foreign}`)).status).toBe(403);
    expect((await theirs('GET', `/mailboxes/${foreign}`)).body).toMatchObject({ displayName: 'Other' });
  });

  it("does not send from Ada's mailbox, and cannot make itself or anyone an owner", async () => {
    expect((await mine('POST', `/users/${ada.objectId}/sendMail`, report)).status).toBe(403);
    const self = { objectId: mailroom.clientCalled('Report script').servicePrincipalId };
    expect((await mine('POST', `/mailboxes/${foreign}/owners`, self)).status).toBe(403);
    expect((await mine('POST', `/mailboxes/${own}/owners`, self)).status).toBe(403);
  });

  it('renames and deletes its own', async () => {
    expect((await mine('PATCH', `/mailboxes/${own}`, { displayName: 'All reports' })).status).toBe(200);
    expect((await mine('GET', `/mailboxes/${own}`)).body).toMatchObject({ displayName: 'All reports' });
    expect((await mine('DELETE', `/mailboxes/${own}`)).status).toBe(204);
    expect((await mine('GET', `/mailboxes/${own}`)).status).toBe(404);
  });
});

it("a backup job reads many users' mailboxes and many teams' channels", async () => {
  const backup = await clientCalled('Backup job');
  const users = (await backup('GET', '/users')).body;
  expect(users).toHaveLength(3);
  for (const { id, displayName } of users) {
    expect(await subjectsOf(id)).toContain(`Welcome, ${displayName}`);
  }
  const listed = (await backup('GET', '/teams')).body;
  expect(listed).toHaveLength(teams.length);
  for (const { id } of listed) {
    const channels = Object.keys(teams.find((team) => team.id === id)?.channels ?? {});
    const { body } = await backup('GET', `/teams/${id}/messages`);
    expect(body.map(({ channel }: { channel: string }) => channel)).toEqual(channels);
  }
  expect((await backup('POST', `/users/${ada.objectId}/sendMail`, report)).status).toBe(403);
});

const protectedRoutes: [string, string][] = [
  ['GET', '/me'],
  ['GET', '/me/messages'],
  ['GET', '/users'],
  ['GET', `/users/${ada.objectId}/messages`],
  ['POST', `/users/${ada.objectId}/sendMail`],
  ['GET', '/mailboxes'],
  ['POST', '/mailboxes'],
  ['GET', `/mailboxes/${ada.objectId}`],
  ['PATCH', `/mailboxes/${ada.objectId}`],
  ['DELETE', `/mailboxes/${ada.objectId}`],
  ['POST', `/mailboxes/${ada.objectId}/owners`],
  ['POST', `/mailboxes/${ada.objectId}/forwarding`],
  ['GET', '/teams'],
  ['GET', `/teams/${teams[0]?.id}/messages`],
];

it('a client with no role at all gets 403 everywhere, and does not learn what exists', async () => {
  const nobody = await clientCalled('Nightly script without a grant');
  const absent = '7e570000-0000-4000-8000-00000000dead';
  for (const [method, path] of protectedRoutes) {
    const refused = await nobody(method, path);
    expect([method, path, refused.status]).toEqual([method, path, 403]);
    const elsewhere = await nobody(method, path.replace(/7e57[\w-]+/, absent));
    expect([elsewhere.status, elsewhere.body.detail]).toEqual([403, refused.body.detail]);
  }
});

it('a user whose user role bears the name of an application permission gets 403', async () => {
  // A tenant's administrator can define such roles on the tenant's own copy of the API.
  const userRoles = Object.entries(mailroomRegistration.permissions.catalogue)
    .filter(([, entry]) => 'application' in entry)
    .map(([name]) => name);
  const appRoles = userRoles.map((value) => ({ value, allowedMemberTypes: ['User' as const] }));
  const entra = await startEmulator({
    directory: {
      applications: [{ ...mailroomRegistration, servicePrincipal: { appRoles } }, { displayName: 'Portal' }],
      users: [{ name: 'Ada', objectId: ada.objectId }],
    },
  });
  const { origin, tenantId } = entra;
  const { clientId } = mailroomRegistration;
  const elsewhere = await listen(createApp({ store: mailroom.store, tenantId, clientId, testAuthority: origin }));
  try {
    const request = { user: 'Ada', client: 'Portal', resource: clientId, scopes: ['User.Read'], userRoles };
    const asAda = caller(elsewhere.origin, `Bearer ${entra.userToken(request)}`);
    expect((await asAda('GET', '/me')).status).toBe(200);
    for (const [method, path] of protectedRoutes.filter(([, path]) => path !== '/me')) {
      expect([method, path, (await asAda(method, path)).status]).toEqual([method, path, 403]);
    }
  } finally {
    elsewhere.close();
    await entra.close();
  }
});

it("a user reads /me/messages but no one else's", async () => {
  const asLinus = caller(server.origin, mailroom.asUser('Linus', ['Mail.Read']));
  const mine = await asLinus('GET', '/me/messages');
  expect(mine.body.map(({ subject }: { subject: string }) => subject)).toEqual(['Welcome, Linus']);
  expect((await asLinus('GET', `/users/${linus.objectId}/messages`)).body).toEqual(mine.body);
  for (const { objectId } of [ada, grace]) {
    expect((await asLinus('GET', `/users/${objectId}/messages`)).status).toBe(403);
  }
});

it('nobody gets 401 and a challenge, except at /health', async () => {
  expect((await fetch(`${server.origin}/health`)).status).toBe(200);
  for (const [method, path] of protectedRoutes) {
    const { status, headers } = await fetch(`${server.origin}${path}`, { method });
    expect([method, path, status]).toEqual([method, path, 401]);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="/);
  }
});
