import type { Catalogue } from 'express-app-roles';

/** What can be granted on mailboxes. */
export const mailboxPermissions = {
  'Mailbox.ReadWrite': {
    delegated: {
      consent: 'admin',
      displayName: 'Manage mailboxes of the signed-in user',
      description: 'Lets the app create mailboxes, and manage those that the signed-in user owns.',
    },
  },
  'Mailbox.ReadWrite.OwnedBy': {
    application: {
      displayName: 'Manage mailboxes it owns',
      description: 'Lets the app create mailboxes, and manage those that it created or was made an owner of.',
    },
  },
  'Mailbox.ReadWrite.All': {
    application: {
      displayName: 'Manage all mailboxes',
      description: 'Lets the app create and manage every mailbox, and decide who owns it.',
    },
  },
} as const satisfies Catalogue;
