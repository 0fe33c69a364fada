import { definePermissions } from 'express-app-roles';

const texts = { displayName: 'Do it', description: 'Lets the app do it.' };

export const permissions = definePermissions({
  'Mail.Read': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Mail.Send': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Mailbox.OwnedBy': { application: texts },
  'Old.Read': { application: { ...texts, enabled: false } },
  Dispatcher: { userRole: texts },
});
