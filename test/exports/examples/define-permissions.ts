import { definePermissions } from 'express-app-roles';

export const { delegated, application } = definePermissions({
  'Mail.Read': { application: { displayName: 'Read all mail', description: 'Lets the app read every mailbox.' } },
});
