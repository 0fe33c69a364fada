import express, { type Express } from 'express';
import { authenticate, callerOf, definePermissions, type Principal, problemDetails, record } from 'express-app-roles';
import { createTestEntra, type TestEntraOptions } from 'express-app-roles/testing';

const text = { displayName: 'Do it', description: 'Lets the app do it.' };
export const permissions = definePermissions({
  'Note.Read': { delegated: { consent: 'admin', personal: true, ...text }, application: text },
  'Note.Write': { delegated: { consent: 'admin', ...text }, application: text },
  'Note.OwnedBy': { application: text },
  Editor: { userRole: text },
});
export const { delegated, application } = permissions;

export interface Note {
  readonly id: string;
  readonly owner: Principal;
}

/** An app behind `authenticate`, its Entra, and notes in memory. */
export function noteApi(
  routes: (app: Express, api: Omit<ReturnType<typeof noteStore>, 'add'> & { add(owner: Principal): string }) => void,
  options: Partial<TestEntraOptions<typeof permissions.catalogue>> = {},
) {
  const entra = createTestEntra({ permissions, ...options });
  const api = noteStore();
  const app = express();
  app.use(express.json());
  const { tenant, clientId } = entra;
  const admitted = options.otherTenants ? { tenants: [tenant, ...options.otherTenants] } : { tenant };
  app.use(authenticate({ ...admitted, clientId, permissions, testAuthority: entra }));
  routes(app, api);
  app.use(problemDetails());
  return { app, entra, ...api };
}

function noteStore() {
  const notes = new Map<string, Note>();
  const note = record<Note>({
    name: 'note',
    find: (id) => notes.get(id),
    owners: ({ owner }) => [owner],
    tenant: ({ owner }) => owner.tenantId,
    notOwner: 'forbidden',
  });
  const add = (owner: Principal): string => {
    const id = crypto.randomUUID();
    notes.set(id, { id, owner });
    return id;
  };
  return { notes, note, add };
}

/** Answers with what a test may want to know of the caller. */
export function tellCaller(app: Express, middleware: ReturnType<typeof import('express-app-roles').allow>): void {
  app.get('/who', middleware, (req, res) => {
    const caller = callerOf(req);
    res.json({ ...caller, ...(caller.kind === 'delegated' && { account: caller.account, guest: caller.guest }) });
  });
}
