import express, { type Router } from 'express';
import { authenticate, type Principal, problemDetails, record, type TestAuthority } from 'express-app-roles';
import { permissionsFromDocument } from 'express-app-roles/document';
import document from './permissions.json' with { type: 'json' };

export const permissions = permissionsFromDocument(document);

export interface Mailbox {
  readonly id: string;
  readonly owners: readonly Principal[];
}

export function createApp(
  entra: { tenant: string; clientId: string; testAuthority?: TestAuthority },
  find: (id: string) => Mailbox | undefined,
  routes: Router,
) {
  const mailbox = record<Mailbox>({ name: 'mailbox', find, owners: ({ owners }) => owners, notOwner: 'forbidden' });
  const app = express();
  app.use(authenticate({ ...entra, permissions }));
  app.use(
    permissions.enforce({
      records: {
        'Mailbox.Read': { delegated: mailbox },
        'Mailbox.ReadWrite.OwnedBy': { '/mailboxes/{id}': mailbox, 'GET /mailboxes': { ownedOnly: mailbox } },
      },
      conditions: {
        'Mailbox.Read': { name: 'not from abroad', test: ({ req }) => req.headers['x-country'] === undefined },
      },
    }),
  );
  app.use(routes);
  app.use(problemDetails());
  return app;
}
