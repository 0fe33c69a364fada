import { definePermissions } from 'express-app-roles';

export const permissions = definePermissions({
  'Order.Read': {
    delegated: { consent: 'admin', displayName: 'Read orders', description: 'Lets the app read orders for the user.' },
    application: { displayName: 'Read all orders', description: 'Lets the app read every order.' },
  },
});
export const { delegated, application } = permissions;
