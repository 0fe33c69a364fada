import express, { type Express } from 'express';
import { type Middleware, problemDetails, type RecordType } from 'express-app-roles';
import { permissionsFromDocument } from 'express-app-roles/document';
import { authentication, type Changes, type Mailbox, mailboxRecord, tellError } from '../express/api.js';
import document from './mailboxes.json' with { type: 'json' };

export const permissions = permissionsFromDocument(document);

/** An app behind `authenticate` and `enforce`, whose refusals are problem details. */
export function appWith(enforce: Middleware, routes: (app: Express) => void, changes: Changes = {}): Express {
  const app = express();
  app.use(authentication({ permissions, ...changes }));
  app.use(enforce);
  routes(app);
  app.use(problemDetails(), tellError);
  return app;
}

/** What is said of the records of `mailboxes.json`. */
export function rules(mailbox: RecordType<Mailbox>) {
  return {
    'Mailbox.ReadWrite.OwnedBy': {
      '/mailboxes/{id}': mailbox,
      'GET /mailboxes': { ownedOnly: mailbox },
      'POST /mailboxes': { creates: mailbox },
    },
  } as const;
}

/** The middleware of `mailboxes.json`, and the ids that it looked for. */
export function enforced(): { enforce: Middleware; mailbox: RecordType<Mailbox>; lookups: string[] } {
  const { mailbox, lookups } = mailboxRecord();
  return { enforce: permissions.enforce({ records: rules(mailbox) }), mailbox, lookups };
}
