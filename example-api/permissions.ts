import { definePermissions } from 'express-app-roles';

/** Everything that the Mailroom API lets anyone be granted. An administrator reads these texts before granting. */
export const permissions = definePermissions({
  'User.Read': {
    delegated: {
      consent: 'user',
      displayName: 'Read the signed-in user',
      description: 'Lets the app read the profile of the signed-in user.',
      toUser: { displayName: 'Read your profile', description: 'Lets the app read your profile.' },
    },
  },
  'User.ReadBasic.All': {
    delegated: {
      consent: 'user',
      displayName: "Read everyone's name",
      description: 'Lets the app read the id and display name of every user, on behalf of the signed-in user.',
      toUser: { displayName: "Read everyone's name", description: "Lets the app read your colleagues' names for you." },
    },
    application: {
      displayName: "Read everyone's name",
      description: 'Lets the app read the id and display name of every user, without a signed-in user.',
    },
  },
  'User.Read.All': {
    delegated: {
      consent: 'admin',
      displayName: "Read everyone's profile",
      description: 'Lets the app read the full profile of every user, on behalf of the signed-in user.',
    },
    application: {
      displayName: "Read everyone's profile",
      description: 'Lets the app read the full profile of every user, without a signed-in user.',
    },
  },
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
  'MailboxSettings.ReadWrite': {
    delegated: {
      consent: 'admin',
      displayName: 'Change settings of the signed-in user',
      description: 'Lets the app change mailbox settings, forwarding among them, for a signed-in dispatcher.',
    },
  },
  'Team.ReadBasic.All': {
    delegated: {
      consent: 'user',
      displayName: 'Read the names of teams',
      description: 'Lets the app read the names of all teams, on behalf of the signed-in user.',
      toUser: {
        displayName: 'Read the names of teams',
        description: 'Lets the app read the names of all teams for you.',
      },
    },
    application: {
      displayName: 'Read the names of teams',
      description: 'Lets the app read the names of all teams, without a signed-in user.',
    },
  },
  'ChannelMessage.Read.All': {
    application: {
      displayName: 'Read all channel messages',
      description: 'Lets the app read the messages of every channel of every team, without a signed-in user.',
    },
  },
  'Mail.Dispatcher': {
    userRole: {
      displayName: 'Dispatcher',
      description: 'May forward the mail of the own mailbox to another one.',
    },
  },
});

export const { delegated, application } = permissions;
