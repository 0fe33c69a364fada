import type { Catalogue } from 'express-app-roles';

/** What can be granted on mail, and who may limit it further. */
export const messagePermissions = {
  'Mail.Read': {
    delegated: {
      consent: 'user',
      displayName: 'Read mail of the signed-in user',
      description: 'Lets the app read mail in the mailbox of the signed-in user.',
      toUser: { displayName: 'Read your mail', description: 'Lets the app read mail in your mailbox.' },
    },
    application: {
      displayName: 'Read mail in all mailboxes',
      description: 'Lets the app read mail in every mailbox, without a signed-in user.',
    },
  },
  'Mail.Send': {
    delegated: {
      consent: 'user',
      displayName: 'Send mail as the signed-in user',
      description: 'Lets the app send mail from the mailbox of the signed-in user.',
      toUser: { displayName: 'Send mail as you', description: 'Lets the app send mail from your mailbox.' },
    },
    application: {
      displayName: 'Send mail from any mailbox',
      description: 'Lets the app send mail from every mailbox, without a signed-in user.',
    },
  },
  'Mail.Send.OwnedBy': {
    application: {
      displayName: 'Send mail from mailboxes it owns',
      description: 'Lets the app send mail from mailboxes that it created or was made an owner of, and no others.',
    },
  },
  'Mail.Send.Selected': {
    application: {
      displayName: 'Send mail from selected mailboxes',
      description: 'Lets the app send mail from mailboxes that were granted to it one by one. By itself it opens none.',
    },
  },
  'Mail.Send.Scoped': {
    application: {
      displayName: 'Send mail from mailboxes in its scopes',
      description:
        'Lets the app send mail from mailboxes of the scopes that it is assigned to. By itself it opens none.',
    },
  },
  'Assignment.Read.All': {
    application: {
      displayName: 'Read who may send from which mailboxes',
      description: 'Lets the app read which mailboxes and scopes were given to which clients, and by whom.',
    },
  },
  'Assignment.ReadWrite.All': {
    application: {
      displayName: 'Decide who may send from which mailboxes',
      description: 'Lets the app give any client any mailbox or scope, itself among them, and take it away.',
    },
  },
  'MailboxSettings.ReadWrite': {
    delegated: {
      consent: 'admin',
      displayName: 'Change settings of the signed-in user',
      description: 'Lets the app change mailbox settings, forwarding among them, for a signed-in dispatcher.',
    },
  },
  'Mail.Dispatcher': {
    userRole: {
      displayName: 'Dispatcher',
      description: 'May forward the mail of the own mailbox to another one.',
    },
  },
} as const satisfies Catalogue;
