import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  definePermissions,
  type Principal,
  problemDetails,
  record,
  type TestAuthority,
} from 'express-app-roles';
import { filterInReach } from 'express-app-roles/assignments';

const text = (displayName: string) => ({ displayName, description: `${displayName}.` });
export const permissions = definePermissions({
  'Order.Read.All': { application: text('Read all orders') },
  'Support.Read.All': { application: text('Read the orders of every customer: for the operator of this API alone') },
});
const { application } = permissions;

export interface Order {
  readonly id: string;
  readonly tenantId: string;
  readonly owners: readonly Principal[];
}
export const orders = new Map<string, Order>();
export const customers = new Set<string>(); // tenants that have signed up

const order = record<Order>({
  name: 'order',
  find: (id) => orders.get(id),
  owners: ({ owners }) => owners,
  tenant: ({ tenantId }) => tenantId,
  notOwner: 'not-found',
});

export function createApp(operator: string, api: { clientId: string; testAuthority?: TestAuthority }) {
  const app = express();
  const tenants = (tenantId: string) => tenantId === operator || customers.has(tenantId);
  app.use(authenticate({ ...api, tenants, permissions }));

  app.get('/orders', allow(application('Order.Read.All')), async (req, res) => {
    const reach = order.reach(req); // { kind: 'tenant', tenantId }
    res.json(await filterInReach(reach, [...orders.values()], { record: order }));
  });

  app.get('/orders/:id', allow(application('Order.Read.All')), (req, res, next) => {
    order.load(req).then((found) => res.json(found), next); // 404 where it is of another tenant
  });

  app.get(
    '/support/orders/:id',
    allow(
      application('Support.Read.All')
        .when('of the operator', ({ caller }) => caller.tenantId === operator)
        .acrossTenants(),
    ),
    (req, res, next) => void order.load(req).then((found) => res.json(found), next),
  );

  assertDeclared(app);
  app.use(problemDetails());
  return app;
}
