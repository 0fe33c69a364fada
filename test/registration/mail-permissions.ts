import { definePermissions } from 'express-app-roles';

/** The catalogue of the design, shortened: one name is a scope and an app role. */
export const permissions = definePermissions({
  'Mail.Read': {
    delegated: {
      consent: 'user',
      displayName: 'Read mail',
      description: 'Lets the app read mail as the signed-in user.',
      toUser: { displayName: 'Read your mail', description: 'Lets the app read your mail.' },
    },
    application: { displayName: 'Read all mail', description: 'Lets the app read every mailbox.' },
  },
  'Mail.Send': { application: { displayName: 'Send mail', description: 'Lets the app send mail as anybody.' } },
  'Settings.ReadWrite': {
    delegated: { consent: 'admin', displayName: 'Manage settings', description: 'Lets the app manage settings.' },
  },
  'Mail.Dispatcher': { userRole: { displayName: 'Dispatcher', description: 'Dispatches mail.' } },
});
