import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  definePermissions,
  type Principal,
  problemDetails,
  record,
  recordScopes,
  type TestAuthority,
} from 'express-app-roles';
import { memoryAssignments } from 'express-app-roles/assignments';

const text = (displayName: string) => ({ displayName, description: `Lets the app ${displayName.toLowerCase()}.` });
export const permissions = definePermissions({
  'Order.Read': { delegated: { consent: 'admin', ...text('Read orders of the signed-in user') } },
  'Order.Approve': { delegated: { consent: 'admin', ...text('Approve orders for approvers') } },
  'Order.Approver': { userRole: text('Approve orders') },
  'Order.ReadWrite.OwnedBy': { application: text('Manage orders it created or owns') },
  'Order.Read.Selected': { application: text('Read orders it is given one by one') },
  'Order.Export': { application: text('Export orders of the regions it is assigned to') },
  'Order.Export.All': { application: text('Export all orders') },
  'Order.ReadWrite.All': { application: text('Manage all orders') },
});
const { delegated, application } = permissions;

export interface Order {
  readonly id: string;
  readonly region: string;
  readonly owners: readonly Principal[];
}
export const orders = new Map<string, Order>();
export const assignments = memoryAssignments(); // kyselyAssignments(database) where there is more than this process

const order = record<Order>({
  name: 'order',
  find: (id) => orders.get(id),
  owners: ({ owners }) => owners,
  notOwner: 'forbidden',
  selections: { roles: ['read'], key: ({ id }) => id, rolesOf: assignments.rolesOf },
});
const regions = recordScopes({
  record: order,
  attributes: ({ region }) => ({ region }),
  assignedTo: assignments.assignedTo,
});

export function createApp(entra: { tenant: string; clientId: string; testAuthority?: TestAuthority }) {
  const app = express();
  app.use(authenticate({ ...entra, permissions }));

  app.get(
    '/orders/:id',
    allow(
      delegated('Order.Read').owned(order),
      application('Order.Read.Selected').selected(order, 'read'),
      application('Order.ReadWrite.OwnedBy').owned(order),
      application('Order.ReadWrite.All'),
    ),
    (req, res) => void res.json(order.of(req)),
  );

  app.get(
    '/orders/:id/export',
    allow(application('Order.Export').within(regions), application('Order.Export.All')),
    (req, res) => void res.json(order.of(req)),
  );

  app.post(
    '/orders/:id/approval',
    allow(delegated('Order.Approve').withUserRole('Order.Approver')), // any approver, any order
    (_req, res) => void res.status(204).end(),
  );

  assertDeclared(app);
  app.use(problemDetails());
  return app;
}
