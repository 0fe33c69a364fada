import express from 'express';
import {
  allow,
  authenticate,
  callerOf,
  definePermissions,
  type Principal,
  problemDetails,
  type Reach,
  record,
  type TestAuthority,
} from 'express-app-roles';

// The world in which the examples of docstrings play.

export const TENANT_ID = '5c6c3f0e-0000-4000-8000-000000000001';
export const CLIENT_ID = '11111111-1111-4111-8111-111111111111';

const text = { displayName: 'Do it', description: 'Lets the app do it.' };
export const permissions = definePermissions({
  'Mailbox.ReadWrite.OwnedBy': { application: text },
  'Mailbox.ReadWrite.All': { application: text },
  'Mail.Send': { application: text },
});
const { application } = permissions;

export interface Mailbox {
  readonly id: string;
  readonly displayName: string;
  readonly department: string;
  readonly owners: readonly Principal[];
}

export const mailboxes = new Map<string, Mailbox>();
export const store = {
  mailbox: (id: string) => mailboxes.get(id),
  createMailbox: async (owner: Principal): Promise<Mailbox> => {
    const created = { id: crypto.randomUUID(), displayName: 'New', department: 'Sales', owners: [owner] };
    mailboxes.set(created.id, created);
    return created;
  },
};

export const mailbox = record<Mailbox>({
  name: 'mailbox',
  find: (id) => store.mailbox(id),
  owners: (m) => m.owners,
  notOwner: 'forbidden',
});

const isWithin = (reach: Reach, { owners }: Mailbox) =>
  reach.kind === 'all' || (reach.kind === 'owned' && owners.some(({ objectId }) => objectId === reach.by.objectId));

export function createApp(entra: { tenant: string; clientId: string; testAuthority: string | TestAuthority }) {
  const app = express();
  app.use(express.json());
  app.use(authenticate({ ...entra, permissions }));
  const manage = allow(application('Mailbox.ReadWrite.OwnedBy').owned(mailbox), application('Mailbox.ReadWrite.All'));
  app.get(
    '/mailboxes',
    allow(application('Mailbox.ReadWrite.OwnedBy').ownedOnly(mailbox), application('Mailbox.ReadWrite.All')),
    (req, res) => {
      const reach = mailbox.reach(req);
      res.json([...mailboxes.values()].filter((each) => isWithin(reach, each)));
    },
  );
  app.post('/mailboxes', allow(application('Mailbox.ReadWrite.OwnedBy').creates(mailbox)), async (req, res) => {
    res.status(201).json(await store.createMailbox(callerOf(req).principal));
  });
  app.patch('/mailboxes/:id', manage, (req, res) => {
    const changed = { ...mailbox.of(req), displayName: String(req.body.displayName) };
    mailboxes.set(changed.id, changed);
    res.json(changed);
  });
  app.use(problemDetails());
  return app;
}
