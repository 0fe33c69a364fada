import type { Express } from 'express';
import { allow, callerOf, decisionOf } from 'express-app-roles';
import { address, readBody, text } from './input.js';
import type { MailboxRecord } from './mailbox.js';
import { application, delegated } from './permissions.js';
import { handler, notFound, Problem } from './problem.js';
import type { Mail, Store } from './store.js';

export function userRoutes(app: Express, store: Store, mailbox: MailboxRecord): void {
  app.get(
    '/me',
    allow(delegated('User.Read')),
    handler(async (req, res) => {
      const { objectId } = callerOf(req, 'delegated').principal;
      const user = await store.user(objectId);
      if (!user) {
        throw notFound('user');
      }
      res.json(user);
    }),
  );

  app.get(
    '/me/messages',
    allow(delegated('Mail.Read')),
    handler(async (req, res) => {
      const { principal } = callerOf(req, 'delegated');
      res.json(await store.messages(principal.objectId, { kind: 'owned', by: principal }));
    }),
  );

  app.get(
    '/users',
    allow(
      delegated('User.ReadBasic.All'),
      delegated('User.Read.All'),
      application('User.ReadBasic.All'),
      application('User.Read.All'),
    ),
    handler(async (req, res) => {
      const profiles = decisionOf(req).permissions.includes('User.Read.All');
      res.json(await (profiles ? store.userProfiles() : store.userNames()));
    }),
  );

  app.get(
    '/users/:id/messages',
    allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')),
    handler(async (req, res) => {
      res.json(await store.messages(mailbox.of(req).id, mailbox.reach(req)));
    }),
  );

  app.post(
    '/users/:id/sendMail',
    allow(
      delegated('Mail.Send').owned(mailbox),
      application('Mail.Send.OwnedBy').owned(mailbox),
      application('Mail.Send'),
    ),
    handler(async (req, res) => {
      const mail = readBody<Mail>(req.body, { to: address, subject: text(255), body: text(50_000) });
      if (!(await store.mailboxIdAt(mail.to))) {
        throw new Problem(422, 'No mailbox has the address in "to".');
      }
      if (!(await store.deliver(mailbox.of(req).id, mailbox.reach(req), mail))) {
        throw notFound('mailbox');
      }
      res.status(202).end();
    }),
  );
}
