import request from 'supertest';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { clientId, servicePrincipalId, startAuthority, tenantId, userId } from '../support/authority.js';
import { createApp, type Mailbox } from './compiles.js';

const authority = await startAuthority();
afterAll(() => authority.close());

const mailboxes = new Map<string, Mailbox>();
const app = createApp({ tenant: tenantId, clientId, testAuthority: authority.address }, mailboxes);

beforeEach(() => {
  mailboxes.clear();
  mailboxes.set('ada', { id: 'ada', subject: 'Hello', owners: [{ tenantId, objectId: userId }] });
  mailboxes.set('bot', { id: 'bot', subject: 'Beep', owners: [{ tenantId, objectId: servicePrincipalId }] });
});

const user = (scp: string, claims = {}) => authority.token(authority.user(scp, claims));
const daemon = (...roles: string[]) => authority.token(authority.application(roles));

describe('the API of the design page', () => {
  it.each<
    [name: string, method: 'get' | 'post' | 'patch', path: string, token: string, status: number, body?: unknown]
  >([
    ['a user reads their own mail', 'get', '/mailboxes/ada/messages', user('Mail.Read'), 200, ['Hello']],
    ["a user does not read another's", 'get', '/mailboxes/bot/messages', user('Mail.Read'), 403],
    ['an application reads all mail', 'get', '/mailboxes/ada/messages', daemon('Mail.Read'), 200, ['Hello']],
    [
      'an owner changes its mailbox',
      'patch',
      '/mailboxes/bot',
      daemon('Mailbox.ReadWrite.OwnedBy'),
      200,
      expect.objectContaining({ subject: 'New' }),
    ],
    ['an owner changes no other', 'patch', '/mailboxes/ada', daemon('Mailbox.ReadWrite.OwnedBy'), 403],
    [
      'All changes every mailbox',
      'patch',
      '/mailboxes/ada',
      daemon('Mailbox.ReadWrite.All'),
      200,
      expect.objectContaining({ subject: 'New' }),
    ],
    ['an owner lists its own', 'get', '/mailboxes', daemon('Mailbox.ReadWrite.OwnedBy'), 200, ['bot']],
    ['All lists every mailbox', 'get', '/mailboxes', daemon('Mailbox.ReadWrite.All'), 200, ['ada', 'bot']],
    [
      'an application creates what it then owns',
      'post',
      '/mailboxes',
      daemon('Mailbox.ReadWrite.OwnedBy'),
      201,
      expect.objectContaining({ owners: [{ tenantId, objectId: servicePrincipalId }] }),
    ],
    [
      'a dispatcher forwards their own',
      'post',
      '/mailboxes/ada/forwarding',
      user('MailboxSettings.ReadWrite', { roles: ['Mail.Dispatcher'] }),
      200,
      { forwards: 'ada', as: ['Mail.Dispatcher'] },
    ],
    [
      'a user who is no dispatcher does not',
      'post',
      '/mailboxes/ada/forwarding',
      user('MailboxSettings.ReadWrite'),
      403,
    ],
    [
      "a dispatcher does not forward another's",
      'post',
      '/mailboxes/bot/forwarding',
      user('MailboxSettings.ReadWrite', { roles: ['Mail.Dispatcher'] }),
      403,
    ],
  ])('%s', async (_name, method, path, token, status, body) => {
    const answer = await request(app)
      [method](path)
      .set('Authorization', `Bearer ${token}`)
      .send(method === 'get' ? undefined : { id: 'new', subject: 'New' });
    expect(answer.status).toBe(status);
    if (body !== undefined) expect(answer.body).toEqual(body);
  });

  it('anyone asks for its health', async () => {
    expect((await request(app).get('/health')).body).toEqual({ status: 'ok' });
  });
});
