import type { Express } from 'express';
import { allow, callerOf } from 'express-app-roles';
import { address, guid, listOf, optional, readBody, text } from '../input.js';
import { application, delegated } from '../permissions.js';
import { handler, notFound, Problem } from '../problem.js';
import { mailboxGrants } from './grants.js';
import { ownerRoutes } from './owner-routes.js';
import { mailboxRecord } from './record.js';
import type { MailboxStore } from './store.js';

export function mailboxRoutes(app: Express, store: MailboxStore): void {
  const mailbox = mailboxRecord(store);
  const { onOne, onMany } = mailboxGrants(mailbox);
  const readSearch = optional(text(100));

  app.get(
    '/mailboxes',
    allow(...onMany),
    handler(async (req, res) => {
      res.json(await store.list(mailbox.reach(req), readSearch(req.query.search, 'search')));
    }),
  );

  app.get(
    '/mailboxes/count',
    allow(...onMany),
    handler(async (req, res) => {
      res.json(await store.count(mailbox.reach(req), readSearch(req.query.search, 'search')));
    }),
  );

  app.patch(
    '/mailboxes',
    allow(...onMany),
    handler(async (req, res) => {
      const { ids, displayName } = readBody(req.body, { ids: listOf(guid, 100), displayName: text(100) });
      res.json({ updated: await store.update(ids, mailbox.reach(req), { displayName }) });
    }),
  );

  app.post(
    '/mailboxes',
    allow(
      delegated('Mailbox.ReadWrite').creates(mailbox),
      application('Mailbox.ReadWrite.OwnedBy').creates(mailbox),
      application('Mailbox.ReadWrite.All'),
    ),
    handler(async (req, res) => {
      const wanted = readBody(req.body, { address, displayName: text(100) });
      // The owner is whoever calls, whatever the body says.
      const created = await store.create(wanted, callerOf(req).principal);
      if (!created) {
        throw new Problem(409, 'Another mailbox has this address.');
      }
      res.status(201).location(`/mailboxes/${created.id}`).json(created);
    }),
  );

  app.get(
    '/mailboxes/:id',
    allow(...onOne),
    handler(async (req, res) => {
      res.json(mailbox.of(req));
    }),
  );

  app.patch(
    '/mailboxes/:id',
    allow(...onOne),
    handler(async (req, res) => {
      const found = mailbox.of(req);
      const changes = readBody(req.body, { displayName: text(100) });
      const updated = await store.update([found.id], mailbox.reach(req), changes);
      if (updated.length === 0) {
        throw notFound('mailbox');
      }
      res.json({ ...found, ...changes });
    }),
  );

  app.delete(
    '/mailboxes/:id',
    allow(...onOne),
    handler(async (req, res) => {
      if (!(await store.delete(mailbox.of(req).id, mailbox.reach(req)))) {
        throw notFound('mailbox');
      }
      res.status(204).end();
    }),
  );

  // Scopes of clients are departments: an owner that could change it would decide whose mailbox it is.
  app.put(
    '/mailboxes/:id/department',
    allow(application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const { id } = await mailbox.load(req);
      const changes = readBody(req.body, { department: text(100) });
      await store.update([id], mailbox.reach(req), changes);
      res.status(204).end();
    }),
  );

  ownerRoutes(app, store, mailbox);
}
