import express, { type RequestHandler } from 'express';
import { allow, assertDeclared, authenticate, problemDetails, publicRoute, record } from 'express-app-roles';
import { permissions } from './permissions.js';

const { delegated, application } = permissions;
const fine: RequestHandler = (_req, res) => void res.json({});
const mailbox = record({ name: 'mailbox', find: () => undefined, owners: () => [], notOwner: 'forbidden' });

// What an app says as it loads, and what it keeps open.
console.log('Loading the mail API.');
setInterval(() => {}, 60_000);

export const adminApp = express().get('/users', allow(application('Mail.Read')), fine);
export const mounted = [{ path: '/admin', app: adminApp }];

export const app = express();
app.use(authenticate({ tenant: crypto.randomUUID(), clientId: crypto.randomUUID(), permissions }));
app.get('/health', publicRoute(), fine);
app.get(
  '/mailboxes/:id',
  allow(
    delegated('Mail.Read').owned(mailbox),
    application('Mailbox.OwnedBy').owned(mailbox),
    application('Mail.Read').when('by day', () => true),
    application('Mail.Send'),
  ),
  fine,
);
app.post(
  '/mailboxes/:id/send',
  allow(delegated('Mail.Send').withUserRole('Dispatcher').owned(mailbox)),
  allow(delegated('Mail.Read').onAnyRecord()),
  fine,
);
app.use('/admin', adminApp);
app.use(problemDetails());
assertDeclared(app, { mounted });
