import type { Catalogue } from 'express-app-roles';

/** What can be granted on teams. */
export const teamPermissions = {
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
} as const satisfies Catalogue;
