import { definePermissions } from 'express-app-roles';

export const permissions = definePermissions({
  'Order.Read': {
    delegated: {
      consent: 'user', // users may consent for themselves, where their tenant lets them
      displayName: 'Read orders of the signed-in user',
      description: 'Lets the app read the orders that the signed-in user placed. It reads no other orders.',
      toUser: { displayName: 'Read your orders', description: 'Lets the app read the orders that you placed.' },
    },
  },
  'Order.Approve': {
    delegated: {
      consent: 'admin', // only an administrator may consent
      displayName: 'Approve orders for approvers',
      description: 'Lets the app approve any order, where the signed-in user has the role Approver.',
    },
  },
  'Order.Approver': {
    userRole: { displayName: 'Approver', description: 'May approve any order, through an app that may approve.' },
  },
  'Order.ReadWrite.OwnedBy': {
    application: {
      displayName: 'Manage orders that it created',
      description: 'Lets the app create orders, and read and change those that it created or was made an owner of.',
    },
  },
  'Order.ReadWrite.All': {
    application: {
      displayName: 'Manage all orders',
      description: 'Lets the app read and change every order, and decide who owns it, without a signed-in user.',
    },
  },
});
