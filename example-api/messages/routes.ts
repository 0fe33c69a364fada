import type { Express } from 'express';
import { allow, callerOf } from 'express-app-roles';
import { address, readBody, text } from '../input.js';
import { application, delegated } from '../permissions.js';
import { handler, notFound, Problem } from '../problem.js';
import type { Store } from '../records.js';
import { assignmentRoutes } from './assignment-routes.js';
import { senderRecord, senderScopes } from './record.js';

export function messageRoutes(
  app: Express,
  { messages, mailboxes, assignments }: Pick<Store, 'messages' | 'mailboxes' | 'assignments'>,
): void {
  const sender = senderRecord(mailboxes, assignments);
  const scopes = senderScopes(sender, assignments);
  // From one mailbox, and the list of those. Unlimited sending is another permission than sending within scopes.
  const maySend = [
    delegated('Mail.Send').owned(sender),
    application('Mail.Send.OwnedBy').owned(sender),
    application('Mail.Send.Selected').selected(sender, 'send'),
    application('Mail.Send.Scoped').within(scopes),
    application('Mail.Send'),
  ] as const;
  const mayListSenders = [
    delegated('Mail.Send').ownedOnly(sender),
    application('Mail.Send.OwnedBy').ownedOnly(sender),
    application('Mail.Send.Selected').selectedOnly(sender, 'send'),
    application('Mail.Send.Scoped').withinOnly(scopes),
    application('Mail.Send'),
  ] as const;

  app.get(
    '/me/messages',
    allow(delegated('Mail.Read')),
    handler(async (req, res) => {
      const { principal } = callerOf(req, 'delegated');
      res.json(await messages.messages(principal.objectId, { kind: 'owned', by: principal }));
    }),
  );

  app.get(
    '/users/:id/messages',
    allow(delegated('Mail.Read').owned(sender), application('Mail.Read')),
    handler(async (req, res) => {
      res.json(await messages.messages(sender.of(req).id, sender.reach(req)));
    }),
  );

  app.post(
    '/users/:id/sendMail',
    allow(...maySend),
    handler(async (req, res) => {
      const mail = readBody(req.body, { to: address, subject: text(255), body: text(50_000) });
      if (!(await messages.mailboxIdAt(mail.to))) {
        throw new Problem(422, 'No mailbox has the address in "to".');
      }
      if (!(await messages.deliver(sender.of(req).id, sender.reach(req), mail))) {
        throw notFound('mailbox');
      }
      res.status(202).end();
    }),
  );

  app.get(
    '/senders',
    allow(...mayListSenders),
    handler(async (req, res) => {
      res.json(await messages.senders(sender.reach(req)));
    }),
  );

  app.post(
    '/mailboxes/:id/forwarding',
    allow(delegated('MailboxSettings.ReadWrite').withUserRole('Mail.Dispatcher').owned(sender)),
    handler(async (req, res) => {
      const { to } = readBody(req.body, { to: address });
      const forwardTo = await messages.mailboxIdAt(to);
      if (!forwardTo) {
        throw new Problem(422, 'No mailbox has the address in "to".');
      }
      if (!(await messages.forward(sender.of(req).id, sender.reach(req), forwardTo))) {
        throw notFound('mailbox');
      }
      res.status(204).end();
    }),
  );

  assignmentRoutes(app, { store: assignments, sender, scopes, maySend });
}
