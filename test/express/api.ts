import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import {
  type AuthenticateOptions,
  allow,
  authenticate,
  decisionOf,
  definePermissions,
  describeGrant,
  type Grant,
  type Middleware,
  type Principal,
  problemDetails,
  publicRoute,
  type RecordOptions,
  type RecordType,
  record,
} from 'express-app-roles';
import request, { type Test } from 'supertest';
import { afterAll } from 'vitest';
import {
  type Claims,
  clientId,
  otherTenantId,
  servicePrincipalId,
  startAuthority,
  tenantId,
  userId,
} from '../support/authority.js';

export { clientId, otherTenantId, servicePrincipalId, tenantId, userId };

/** One authority for each test file. */
export const authority = await startAuthority();
afterAll(() => authority.close());

export const texts = { displayName: 'Do it', description: 'Lets the app do it.' };
const toUser = texts;

export const permissions = definePermissions({
  'Mail.Read': { delegated: { ...texts, consent: 'user', toUser }, application: texts },
  'Mail.Write': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Mail.Send': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'User.Only': { delegated: { ...texts, consent: 'admin' } },
  'App.Only': { application: texts },
  'Mailbox.OwnedBy': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Mailbox.Selected': { application: texts },
  'Mailbox.All': { application: texts },
  'Old.Read': { delegated: { ...texts, consent: 'admin', enabled: false }, application: { ...texts, enabled: false } },
  'Personal.Read': { delegated: { ...texts, consent: 'admin', personal: true } },
  Dispatcher: { userRole: texts },
  Retired: { userRole: { ...texts, enabled: false } },
});
export const { delegated, application } = permissions;

export const strangerId = '0b000000-0000-4000-8000-000000000009';

export interface Mailbox {
  readonly id: string;
  readonly tenantId: string;
  readonly owners: readonly Principal[];
}

const mailboxOf = (id: string, objectId: string, tenant = tenantId): [string, Mailbox] => [
  id,
  { id, tenantId: tenant, owners: [{ tenantId: tenant, objectId }] },
];

/** The mailboxes that there are. */
export const mailboxes: ReadonlyMap<string, Mailbox> = new Map([
  mailboxOf('users', userId),
  mailboxOf('bots', servicePrincipalId),
  mailboxOf('strangers', strangerId),
  mailboxOf('foreign', userId, otherTenantId),
]);

/** A kind of record, and the ids that it was asked to find. */
export function mailboxRecord(options: Partial<RecordOptions<Mailbox>> = {}): {
  mailbox: RecordType<Mailbox>;
  lookups: string[];
} {
  const lookups: string[] = [];
  const find = options.find ?? ((id: string) => mailboxes.get(id));
  const mailbox = record<Mailbox>({
    name: 'mailbox',
    owners: (each) => each.owners,
    notOwner: 'forbidden',
    ...options,
    find(id, req) {
      lookups.push(id);
      return find(id, req);
    },
  });
  return { mailbox, lookups };
}

/** Options of `authenticate` that a test changes. */
export type Changes = Readonly<Record<string, unknown>>;

export function authentication(changes: Changes = {}): Middleware {
  const one = 'tenants' in changes ? {} : { tenant: tenantId };
  return authenticate({
    ...one,
    clientId,
    permissions,
    testAuthority: authority.address,
    ...changes,
  } as AuthenticateOptions);
}

/** An app behind `authenticate`, whose refusals are problem details. */
export function apiWith(routes: (app: Express) => void, changes: Changes = {}): Express {
  const app = express();
  app.use(authentication(changes));
  routes(app);
  app.use(problemDetails());
  return app;
}

export type Grants = readonly [Grant, ...Grant[]];

/** One route at `/mailboxes/:id`, which answers with the grant that matched. */
export function routeWith(grants: Grants, changes: Changes = {}): Express {
  return apiWith((app) => {
    app.get('/mailboxes/:id', allow(...grants), (req, res) => {
      res.json({ grant: describeGrant(decisionOf(req).grant) });
    });
  }, changes);
}

/** Signed tokens. */
export const as = {
  user: (scp: string, claims?: Claims) => authority.token(authority.user(scp, claims)),
  app: (roles: readonly string[], claims?: Claims) => authority.token(authority.application(roles, claims)),
};

export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';

export function ask(app: Express, path: string, token?: string, method: Method = 'get'): Test {
  const test = request(app)[method](path);
  return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
}

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** The bytes that the app sends for one request, and for a request to `/health` on the same connection. */
export async function exchange(
  app: Express,
  method: string,
  path: string,
  headers: readonly string[] = [],
): Promise<{ bytes: string; next: string }> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const lines = [`${method} ${path} HTTP/1.1`, 'Host: api.test', ...headers, '', ''].join('\r\n');
    socket.write(lines);
    socket.write('GET /health HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'close', { signal: AbortSignal.timeout(5_000) });
    const all = Buffer.concat(chunks)
      .toString('latin1')
      .replace(/^Date: .*\r\n/gm, '');
    const start = all.lastIndexOf('HTTP/1.1 ');
    return { bytes: all.slice(0, start), next: all.slice(start) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

export function parse(bytes: string): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  return { status: Number(bytes.slice(9, 12)), head: bytes.slice(0, end), body: bytes.slice(end + 4) };
}

/** A route for `exchange` to end with. */
export function addHealth(app: Express): void {
  app.get('/health', publicRoute(), (_req: Request, res: Response) => {
    res.json({ status: 'ok' });
  });
}

/** An error handler that says only what went wrong. */
export function tellError(error: Error & { status?: number }, _req: Request, res: Response, _next: NextFunction): void {
  res.status(error.status ?? 500).json({ name: error.name, message: error.message });
}

export const isExpress4 = 'lazyrouter' in express();
