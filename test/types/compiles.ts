import express, { type Express } from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  decisionOf,
  definePermissions,
  type Principal,
  problemDetails,
  publicRoute,
  type Reach,
  record,
} from 'express-app-roles';

/** The API of the design page, completed: it must compile, and it is run. */
export const permissions = definePermissions({
  'Mail.Read': {
    delegated: {
      consent: 'user',
      displayName: 'Read mail',
      description: 'Lets the app read mail as the signed-in user.',
      toUser: { displayName: 'Read your mail', description: 'Lets the app read your mail.' },
    },
    application: { displayName: 'Read all mail', description: 'Lets the app read every mailbox, without a user.' },
  },
  'Mailbox.ReadWrite.OwnedBy': {
    application: { displayName: 'Manage mailboxes it owns', description: 'Lets the app manage the mailboxes it owns.' },
  },
  'Mailbox.ReadWrite.All': {
    application: { displayName: 'Manage all mailboxes', description: 'Lets the app manage every mailbox.' },
  },
  'MailboxSettings.ReadWrite': {
    delegated: {
      consent: 'admin',
      displayName: 'Change settings',
      description: 'Lets the app change mailbox settings.',
    },
  },
  'Mail.Dispatcher': { userRole: { displayName: 'Dispatcher', description: 'Forwards mail.' } },
});
export const { delegated, application } = permissions;

export interface Mailbox {
  readonly id: string;
  readonly owners: readonly Principal[];
  readonly subject: string;
}

/** An API that holds its mailboxes in memory. */
export function createApp(
  options: { tenant: string; clientId: string; testAuthority: string },
  mailboxes: Map<string, Mailbox>,
): Express {
  const store = {
    mailbox: (id: string) => mailboxes.get(id),
    messages: async (mailbox: Mailbox) => [mailbox.subject],
    mailboxes: async (reach: Reach) =>
      [...mailboxes.values()].filter((each) => isWithin(reach, each)).map(({ id }) => id),
    update: async (id: string, reach: Reach, change: { subject: string }) => {
      const found = mailboxes.get(id);
      if (found === undefined || !isWithin(reach, found)) return undefined;
      mailboxes.set(id, { ...found, ...change });
      return mailboxes.get(id);
    },
    create: async (mailbox: { id: string; subject: string }, owner: Principal) => {
      mailboxes.set(mailbox.id, { ...mailbox, owners: [owner] });
      return mailboxes.get(mailbox.id);
    },
  };

  const mailbox = record<Mailbox>({
    name: 'mailbox',
    param: 'id',
    find: (id) => store.mailbox(id),
    owners: (m) => m.owners,
    notOwner: 'forbidden',
  });

  const app = express();
  app.use(express.json());
  app.use(authenticate({ ...options, permissions }));

  app.get(
    '/mailboxes/:id/messages',
    allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')),
    async (req, res) => {
      res.json(await store.messages(mailbox.of(req)));
    },
  );

  app.patch(
    '/mailboxes/:id',
    allow(application('Mailbox.ReadWrite.OwnedBy').owned(mailbox), application('Mailbox.ReadWrite.All')),
    async (req, res) => {
      res.json(await store.update(mailbox.of(req).id, mailbox.reach(req), req.body));
    },
  );

  app.get(
    '/mailboxes',
    allow(application('Mailbox.ReadWrite.OwnedBy').ownedOnly(mailbox), application('Mailbox.ReadWrite.All')),
    async (req, res) => {
      res.json(await store.mailboxes(mailbox.reach(req)));
    },
  );

  app.post(
    '/mailboxes',
    allow(application('Mailbox.ReadWrite.OwnedBy').creates(mailbox), application('Mailbox.ReadWrite.All')),
    async (req, res) => {
      res.status(201).json(await store.create(req.body, callerOf(req).principal));
    },
  );

  app.post(
    '/mailboxes/:id/forwarding',
    allow(delegated('MailboxSettings.ReadWrite').withUserRole('Mail.Dispatcher').owned(mailbox)),
    (req, res) => {
      res.json({ forwards: mailbox.of(req).id, as: callerOf(req, 'delegated').userRoles });
    },
  );

  app.get('/health', publicRoute(), (_req, res) => {
    res.json({ status: 'ok' });
  });

  assertDeclared(app);
  app.use(problemDetails());
  return app;
}

function isWithin(reach: Reach, { owners }: Mailbox): boolean {
  switch (reach.kind) {
    case 'all':
      return true;
    case 'tenant':
      return owners.some(({ tenantId }) => tenantId === reach.tenantId);
    case 'owned':
      return owners.some(({ tenantId, objectId }) => tenantId === reach.by.tenantId && objectId === reach.by.objectId);
    default:
      return false;
  }
}

/** Handlers after `allow` keep the typing of their own parameters, wherever it stands. */
export function keepParameters(app: Express): void {
  const guard = allow(delegated('Mail.Read').onAnyRecord());
  app.get('/a/:id', guard, (req, res) => void res.json(req.params.id satisfies string));
  app.get(
    '/b/:id/:part',
    guard,
    publicRoute(),
    (req, res) => void res.json([req.params.id, req.params.part] satisfies string[]),
  );
  app.get(
    '/c/:id',
    [guard, guard],
    (req: express.Request<{ id: string }>, res: express.Response) => void res.json(req.params.id satisfies string),
  );
  app.route('/d/:id').get(guard, (req, res) => void res.json(req.params.id satisfies string));
  app.get<{ id: string }, { ok: boolean }, { name: string }, { page?: string }>('/e/:id', guard, (req, res) => {
    void [req.params.id satisfies string, req.body.name satisfies string, req.query.page satisfies string | undefined];
    res.json({ ok: true });
  });
  app.use('/f', guard, express.Router());
  app.use(guard);
  app.use(authenticate({ tenant: 'x', clientId: 'y', permissions }), problemDetails());
}

/** What a condition and a caller are known to be. */
export const typed = {
  users: delegated('Mail.Read').when(
    'has a scope',
    ({ caller, record: none }) => caller.scopes.length > 0 && none === undefined,
  ),
  applications: application('Mail.Read').when('has a role', ({ caller }) => caller.appRoles.length > 0),
  owners: (mailbox: ReturnType<typeof record<Mailbox>>) =>
    delegated('Mail.Read')
      .owned(mailbox)
      .when('has a subject', ({ record: owned, req }) => owned.subject.length > 0 && req.method === 'GET')
      .and('MailboxSettings.ReadWrite'),
  inferred: record({
    name: 'inferred',
    find: async (id: string) => (id ? { id, by: id } : null),
    owners: (m) => [{ tenantId: m.by, objectId: m.id }],
    notOwner: 'not-found',
  }),
  narrowed: (req: express.Request) =>
    [callerOf(req, 'application').appRoles, callerOf(req, 'delegated').scopes, decisionOf(req).grant.kind] as const,
  caller(req: express.Request): readonly string[] {
    const caller = callerOf(req);
    return caller.kind === 'application' ? caller.appRoles : caller.userRoles;
  },
};
