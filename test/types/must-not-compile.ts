import type express from 'express';
import {
  allow,
  authenticate,
  callerOf,
  decisionOf,
  definePermissions,
  type Principal,
  publicRoute,
  record,
} from 'express-app-roles';
import { application, delegated, type Mailbox, permissions } from './compiles.js';

// Never run. The compiler checks that each line after an expectation is refused: `npm run types`.

const texts = { displayName: 'Do it', description: 'Lets the app do it.' };
const mailbox = record<Mailbox>({ name: 'mailbox', find: () => null, owners: (m) => m.owners, notOwner: 'forbidden' });
const own = application('Mailbox.ReadWrite.OwnedBy');

export function names(): void {
  // @ts-expect-error misspelt
  delegated('Mail.Raed');
  // @ts-expect-error in another case
  delegated('mail.read');
  // @ts-expect-error an application permission
  delegated('Mailbox.ReadWrite.All');
  // @ts-expect-error a delegated permission
  application('MailboxSettings.ReadWrite');
  // @ts-expect-error a user role
  application('Mail.Dispatcher');
  // @ts-expect-error a user role
  delegated('Mail.Dispatcher');
  // @ts-expect-error any string
  delegated('Mail.Read' as string);
  // @ts-expect-error no name
  delegated();
  // @ts-expect-error misspelt
  delegated('Mail.Read').and('MailboxSettings.Read');
  // @ts-expect-error of the other kind
  delegated('Mail.Read').and('Mailbox.ReadWrite.All');
  // @ts-expect-error its rule would be left out
  application('Mail.Read').and('Mailbox.ReadWrite.OwnedBy');
  // @ts-expect-error a scope is no user role
  delegated('Mail.Read').withUserRole('Mail.Read');
  // @ts-expect-error an application holds no user role
  application('Mail.Read').withUserRole('Mail.Dispatcher');
  // @ts-expect-error every record is what an application permission is for
  application('Mail.Read').onAnyRecord();
}

export function rules(): void {
  // @ts-expect-error no grant
  allow();
  // @ts-expect-error its rule is missing
  allow(own);
  // @ts-expect-error its rule is missing, beside another grant
  allow(application('Mailbox.ReadWrite.All'), own);
  // @ts-expect-error a condition is no rule
  allow(own.when('it', () => true));
  // @ts-expect-error another permission is no rule
  allow(own.and('Mail.Read'));
  // @ts-expect-error nor is reaching across tenants
  allow(own.acrossTenants());
  // @ts-expect-error a name
  allow('Mail.Read');
  // @ts-expect-error an array
  allow([delegated('Mail.Read')]);
  // @ts-expect-error a middleware
  allow(publicRoute());
  // @ts-expect-error no record
  own.owned();
  // @ts-expect-error no record
  own.ownedOnly();
  // @ts-expect-error no record
  own.creates();
  // @ts-expect-error no record, but its name
  own.owned('mailbox');
  // @ts-expect-error a promise is truthy
  delegated('Mail.Read').when('it', async () => true);
  // @ts-expect-error exactly true or false
  delegated('Mail.Read').when('it', () => 1);
  // @ts-expect-error a user has no app roles
  delegated('Mail.Read').when('it', ({ caller }) => caller.appRoles.length > 0);
  // @ts-expect-error an application has no scopes
  application('Mail.Read').when('it', ({ caller }) => caller.scopes.length > 0);
  // @ts-expect-error no record was named
  delegated('Mail.Read').when('it', ({ record: none }) => none.subject === '');
  delegated('Mail.Read')
    .owned(mailbox, mailbox)
    // @ts-expect-error of two records neither is the one
    .when('it', ({ record: one }) => one.subject === '');
  delegated('Mail.Read')
    .owned(mailbox)
    // @ts-expect-error a mailbox has no such member
    .when('it', ({ record: one }) => one.nope === '');
}

export function catalogues(): void {
  // @ts-expect-error one app role, one kind
  definePermissions({ A: { application: texts, userRole: texts } });
  // @ts-expect-error nothing declared
  definePermissions({ A: {} });
  // @ts-expect-error a kind that there is not
  definePermissions({ A: { applications: texts } });
  // @ts-expect-error people read the description
  definePermissions({ A: { application: { displayName: 'Do it' } } });
  // @ts-expect-error people read the display name
  definePermissions({ A: { userRole: { description: 'Lets the app do it.' } } });
  // @ts-expect-error who consents?
  definePermissions({ A: { delegated: texts } });
  // @ts-expect-error users who consent read texts of their own
  definePermissions({ A: { delegated: { ...texts, consent: 'user' } } });
  // @ts-expect-error nobody else consents
  definePermissions({ A: { delegated: { ...texts, consent: 'everyone' } } });
  // @ts-expect-error true or false
  definePermissions({ A: { application: { ...texts, enabled: 'no' } } });
}

export function records(): void {
  // @ts-expect-error the choice is the user's
  record<Mailbox>({ name: 'mailbox', find: () => null, owners: (m) => m.owners });
  // @ts-expect-error there is no third way
  record<Mailbox>({ name: 'mailbox', find: () => null, owners: (m) => m.owners, notOwner: 'hidden' });
  // @ts-expect-error whose is it?
  record<Mailbox>({ name: 'mailbox', find: () => null, notOwner: 'forbidden' });
  record<Mailbox>({
    name: 'mailbox',
    find: () => null,
    // @ts-expect-error an object id alone is no principal
    owners: (m) => m.owners.map((each) => each.objectId),
    notOwner: 'forbidden',
  });
  // @ts-expect-error owners are there, or not: nothing is awaited
  record<Mailbox>({ name: 'mailbox', find: () => null, owners: async (m) => m.owners, notOwner: 'forbidden' });
  // @ts-expect-error what find gives has no such member
  record({ name: 'mailbox', find: () => ({ id: '1' }), owners: (m) => m.owners as Principal[], notOwner: 'forbidden' });
  // @ts-expect-error a record that is not there has to be told from one that is
  record<Mailbox>({ name: 'mailbox', find: () => false, owners: (m) => m.owners, notOwner: 'forbidden' });
}

export function requests(app: express.Express): void {
  const guard = allow(delegated('Mail.Read').onAnyRecord());
  // @ts-expect-error the route has no such parameter
  app.get('/:id', guard, (req, res) => void res.json(req.params.nope));
  // @ts-expect-error the route has no such parameter
  app.route('/:id').get(guard, (req, res) => void res.json(req.params.nope));
  // @ts-expect-error the route has no such parameter
  app.get('/:id', publicRoute(), (req, res) => void res.json(req.params.nope));
  // @ts-expect-error a parameter is a string
  app.get('/:id', guard, (req, res) => void res.json(req.params.id satisfies number));
  app.get(
    '/:id',
    [guard],
    // @ts-expect-error the route has no such parameter
    (req: express.Request<{ id: string }>, res: express.Response) => void res.json(req.params.nope),
  );
  app.get('/:id', guard, (req) => {
    // @ts-expect-error there is no req.caller
    req.caller;
    // @ts-expect-error a caller is of one kind, once it is asked for
    callerOf(req).scopes;
    // @ts-expect-error there is no such kind
    callerOf(req, 'user');
    // @ts-expect-error an application has no scopes
    callerOf(req, 'application').scopes;
    // @ts-expect-error immutable
    callerOf(req).tenantId = 'x';
    // @ts-expect-error immutable
    callerOf(req, 'delegated').scopes.push('x');
    // @ts-expect-error immutable
    decisionOf(req).grant.permissions.push('x');
    // @ts-expect-error a mailbox has no such member
    mailbox.of(req).nope;
    // @ts-expect-error which records are open depends on the kind of reach
    mailbox.reach(req).tenantId;
  });
}

export function options(): void {
  // @ts-expect-error what is declared?
  authenticate({ tenant: 'x', clientId: 'y' });
  // @ts-expect-error whose tokens?
  authenticate({ clientId: 'y', permissions });
  // @ts-expect-error one or several
  authenticate({ tenant: 'x', tenants: ['x'], clientId: 'y', permissions });
  // @ts-expect-error refuse or report
  authenticate({ tenant: 'x', clientId: 'y', permissions, undeclared: 'allow' });
  // @ts-expect-error an option that there is not
  authenticate({ tenant: 'x', clientId: 'y', permissions, algorithms: ['none'] });
}
