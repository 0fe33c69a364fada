import type { Express } from 'express';
import { allow, callerOf, type Principal } from 'express-app-roles';
import { guid, listOf, readBody } from '../input.js';
import { application } from '../permissions.js';
import { handler, notFound, Problem } from '../problem.js';
import { mailboxGrants } from './grants.js';
import type { MailboxRecord } from './record.js';
import type { MailboxStore } from './store.js';

/**
 * Who owns a mailbox. An owner may leave, and no more: one that could name further owners would hand on what it was given. An
 * owner is a user or a service principal of the caller's tenant, by its object id. NOT checked: whether the directory knows it.
 */
export function ownerRoutes(app: Express, store: MailboxStore, mailbox: MailboxRecord): void {
  const { onOne } = mailboxGrants(mailbox);

  app.post(
    '/mailboxes/:id/owners',
    allow(application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const { id } = await mailbox.load(req);
      const { objectId } = readBody(req.body, { objectId: guid });
      const { tenantId } = callerOf(req).principal;
      checkOutcome(await store.addOwner(id, mailbox.reach(req), { tenantId, objectId }));
      res.status(204).end();
    }),
  );

  // A transfer: instead of the owners that it has.
  app.put(
    '/mailboxes/:id/owners',
    allow(application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const { id } = await mailbox.load(req);
      const { objectIds } = readBody(req.body, { objectIds: listOf(guid, 100) });
      const { tenantId } = callerOf(req).principal;
      const owners = objectIds.map((objectId): Principal => ({ tenantId, objectId }));
      checkOutcome(await store.setOwners(id, mailbox.reach(req), owners));
      res.status(204).end();
    }),
  );

  app.delete(
    '/mailboxes/:id/owners/me',
    allow(...onOne),
    handler(async (req, res) => {
      checkOutcome(await store.removeOwner(mailbox.of(req).id, mailbox.reach(req), callerOf(req).principal));
      res.status(204).end();
    }),
  );

  app.delete(
    '/mailboxes/:id/owners/:owner',
    allow(application('Mailbox.ReadWrite.All')),
    handler(async (req, res) => {
      const { id } = await mailbox.load(req);
      const { tenantId } = callerOf(req).principal;
      const objectId = guid(req.params.owner, 'owner');
      checkOutcome(await store.removeOwner(id, mailbox.reach(req), { tenantId, objectId }));
      res.status(204).end();
    }),
  );
}

function checkOutcome(outcome: 'done' | 'absent' | 'not-an-owner' | 'last'): void {
  if (outcome === 'absent') {
    throw notFound('mailbox');
  }
  if (outcome === 'not-an-owner') {
    throw notFound('owner');
  }
  if (outcome === 'last') {
    throw new Problem(409, 'It is the last owner. Name another one first.');
  }
}
