import { definePermissions } from 'express-app-roles';
import { mailboxPermissions } from './mailboxes/permissions.js';
import { messagePermissions } from './messages/permissions.js';
import { teamPermissions } from './teams/permissions.js';
import { userPermissions } from './users/permissions.js';

/** Everything that the Mailroom API lets anyone be granted. An administrator reads these texts before granting. */
export const permissions = definePermissions({
  ...userPermissions,
  ...mailboxPermissions,
  ...messagePermissions,
  ...teamPermissions,
  'Revocation.Read.All': {
    application: {
      displayName: 'Read who is shut out',
      description: 'Lets the app read which clients, users and tokens were shut out of this API, and why.',
    },
  },
  'Revocation.ReadWrite.All': {
    application: {
      displayName: 'Shut out callers',
      description: 'Lets the app shut any client, user or token out of this API, and let it in again.',
    },
  },
});

export const { delegated, application } = permissions;
