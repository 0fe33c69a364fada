import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  definePermissions,
  type Principal,
  problemDetails,
  record,
  recordScopes,
} from 'express-app-roles';
import {
  type AssignmentStore,
  authorizationRoute,
  memoryAssignments,
  scopeRoutes,
  selectionRoutes,
} from 'express-app-roles/assignments';
import { createTestEntra } from 'express-app-roles/testing';
import request, { type Test } from 'supertest';

const texts = { displayName: 'Do it', description: 'Lets the app do it.' };
export const permissions = definePermissions({
  'Mail.Send': { application: texts },
  'Mail.Send.Selected': { application: texts },
  'Mail.Send.All': { application: texts },
  'Assignment.Read.All': { application: texts, delegated: { ...texts, consent: 'admin' } },
  'Assignment.ReadWrite.All': { application: texts },
  'Assignment.Operate.All': { application: texts },
  'Mailbox.Share': { delegated: { ...texts, consent: 'admin' } },
});
export const { application, delegated } = permissions;
export const entra = createTestEntra({ permissions });

export interface Mailbox {
  readonly id: string;
  readonly tenantId: string;
  readonly department?: string;
  readonly owners: readonly Principal[];
}

export const ada = entra.user('Ada');
export const mailboxes: Readonly<Record<string, Mailbox>> = {
  sales: { id: 'sales', tenantId: entra.tenant, department: 'sales', owners: [ada.principal] },
  law: { id: 'law', tenantId: entra.tenant, department: 'law', owners: [] },
  foreign: { id: 'foreign', tenantId: entra.otherTenant, department: 'sales', owners: [] },
};

export interface Api {
  readonly app: Express;
  readonly store: AssignmentStore;
}

/** An API whose mailboxes can be sent from, with everything that manages who may. */
export function api({ severalTenants = false, store = memoryAssignments() } = {}): Api {
  const { mailbox, mailboxScopes } = kinds(store);
  const app = express();
  app.use(
    authenticate({
      ...(severalTenants ? { tenants: [entra.tenant, entra.otherTenant] } : { tenant: entra.tenant }),
      clientId: entra.clientId,
      permissions,
      testAuthority: entra,
    }),
  );
  app.use(express.json());
  const maySend = [
    application('Mail.Send').within(mailboxScopes),
    application('Mail.Send.Selected').selected(mailbox, 'send'),
    application('Mail.Send.All'),
  ] as const;
  app.post('/mailboxes/:id/messages', allow(...maySend), (_req, res) => {
    res.status(202).end();
  });
  const write = [
    application('Assignment.ReadWrite.All'),
    application('Assignment.Operate.All').acrossTenants(),
  ] as const;
  const read = [application('Assignment.Read.All'), delegated('Assignment.Read.All').onAnyRecord(), ...write] as const;
  selectionRoutes(app, '/mailboxes/:id/selections', {
    store,
    record: mailbox,
    read,
    write: [...write, delegated('Mailbox.Share').owned(mailbox)],
  });
  scopeRoutes(app, '/mailbox-scopes', { store, scopes: mailboxScopes, attributes: ['department'], read, write });
  authorizationRoute(app, '/mailboxes/:id/senders', { record: mailbox, grants: maySend, read });
  app.use(problemDetails());
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ message: error.message });
  });
  assertDeclared(app);
  return { app, store };
}

export function kinds({ rolesOf, assignedTo }: AssignmentStore) {
  const mailbox = record<Mailbox>({
    name: 'mailbox',
    find: (id) => mailboxes[id],
    owners: ({ owners }) => owners,
    tenant: ({ tenantId }) => tenantId,
    notOwner: 'forbidden',
    selections: { roles: ['read', 'send'], key: ({ id }) => id, rolesOf },
  });
  const mailboxScopes = recordScopes({
    record: mailbox,
    attributes: ({ department }) => ({ department }),
    assignedTo,
  });
  return { mailbox, mailboxScopes };
}

export const admin = entra.asApplication('Assignment.ReadWrite.All', { client: entra.client('admin') });
export const reader = entra.asApplication('Assignment.Read.All', { client: entra.client('reader') });

export function call(
  app: Express,
  method: 'get' | 'put' | 'post' | 'delete',
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object | string,
): Test {
  const test = request(app)[method](path).set(headers);
  return body === undefined ? test : test.send(body);
}
