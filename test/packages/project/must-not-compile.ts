import { allow, definePermissions } from 'express-app-roles';

const text = { displayName: 'Manage its orders', description: 'Lets the app manage the orders it owns.' };
const { application } = definePermissions({ 'Orders.ReadWrite.OwnedBy': { application: text } });

// @ts-expect-error a misspelt name
application('Orders.ReadWrite.OwnedBye');
export const lacksItsRule = () =>
  // @ts-expect-error a narrow permission without its rule
  allow(application('Orders.ReadWrite.OwnedBy'));
