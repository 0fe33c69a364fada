import type { Catalogue } from 'express-app-roles';

/** What can be granted on users. */
export const userPermissions = {
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
} as const satisfies Catalogue;
