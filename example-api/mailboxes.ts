import type { Express } from 'express';
import { allow, callerOf } from 'express-app-roles';
import { address, objectId, readBody, text } from './input.js';
import type { MailboxRecord } from './mailbox.js';
import { application, delegated } from './permissions.js';
import { handler, notFound, Problem } from './problem.js';
import type { Store } from './store.js';

export function mailboxRoutes(app: Express, store: Store, mailbox: MailboxRecord): void {
  app.get(
    '/mailboxes',
    allow(application('Mailbox.ReadWrite.OwnedBy').ownedOnly(mailbox), application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      res.json(await store.mailboxes(mailbox.reach(req)));
    }),
  );

  app.post(
    '/mailboxes',
    allow(application('Mailbox.ReadWrite.OwnedBy').creates(mailbox), application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const wanted = readBody<{ address: string; displayName: string }>(req.body, { address, displayName: text(100) });
      // The owner is whoever calls, whatever the body says.
      const created = await store.createMailbox(wanted, callerOf(req).principal);
      if (!created) {
        throw new Problem(409, 'Another mailbox has this address.');
      }
      res.status(201).location(`/mailboxes/${created.id}`).json(created);
    }),
  );

  app.get(
    '/mailboxes/:id',
    allow(application('Mailbox.ReadWrite.OwnedBy').owned(mailbox), application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      res.json(mailbox.of(req));
    }),
  );

  app.patch(
    '/mailboxes/:id',
    allow(application('Mailbox.ReadWrite.OwnedBy').owned(mailbox), application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const changes = readBody<{ displayName: string }>(req.body, { displayName: text(100) });
      if (!(await store.updateMailbox(mailbox.of(req).id, mailbox.reach(req), changes))) {
        throw notFound('mailbox');
      }
      res.json({ ...mailbox.of(req), ...changes });
    }),
  );

  app.delete(
    '/mailboxes/:id',
    allow(application('Mailbox.ReadWrite.OwnedBy').owned(mailbox), application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      if (!(await store.deleteMailbox(mailbox.of(req).id, mailbox.reach(req)))) {
        throw notFound('mailbox');
      }
      res.status(204).end();
    }),
  );

  // An owner that could name further owners would hand on what it was given: only `.All`.
  app.post(
    '/mailboxes/:id/owners',
    allow(application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const found = await mailbox.load(req);
      const owner = readBody<{ objectId: string }>(req.body, { objectId });
      const { tenantId } = callerOf(req).principal;
      await store.addOwner(found.id, mailbox.reach(req), { tenantId, ...owner });
      res.status(204).end();
    }),
  );

  app.post(
    '/mailboxes/:id/forwarding',
    allow(delegated('MailboxSettings.ReadWrite').withUserRole('Mail.Dispatcher').owned(mailbox)),
    handler(async (req, res) => {
      const { to } = readBody<{ to: string }>(req.body, { to: address });
      const forwardTo = await store.mailboxIdAt(to);
      if (!forwardTo) {
        throw new Problem(422, 'No mailbox has the address in "to".');
      }
      if (!(await store.updateMailbox(mailbox.of(req).id, mailbox.reach(req), { forwardTo }))) {
        throw notFound('mailbox');
      }
      res.status(204).end();
    }),
  );
}
