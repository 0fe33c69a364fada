import { definePermissions, record } from 'express-app-roles';
import { type Order, orders } from './handlers.js';

const text = (displayName: string) => ({ displayName, description: `${displayName}.` });
export const permissions = definePermissions({
  'Order.Read': { delegated: { consent: 'admin', ...text('Read own orders') }, application: text('Read all orders') },
  'Order.Create': { delegated: { consent: 'admin', ...text('Create orders') } },
});
export const { delegated, application } = permissions;

export const tenant = '7e570000-0000-4000-8000-0000000000a0'; // your directory (tenant) ID
export const clientId = '7e570000-0000-4000-8000-0000000000c0'; // the application (client) ID of this API

export const order = record<Order>({
  name: 'order',
  find: (id) => orders.get(id),
  owners: ({ ownerId }) => [{ tenantId: tenant, objectId: ownerId }],
  notOwner: 'forbidden',
});
