import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  definePermissions,
  type Principal,
  problemDetails,
  publicRoute,
  record,
  type TestAuthority,
} from 'express-app-roles';

// 1. The permissions of this API, in one place. An admin reads these texts before consenting.
const permissions = definePermissions({
  'Order.Read': {
    delegated: {
      consent: 'user',
      displayName: 'Read orders',
      description: 'Lets the app read the orders of the signed-in user.',
      toUser: { displayName: 'Read your orders', description: 'Lets the app read your orders.' },
    },
    application: { displayName: 'Read all orders', description: 'Lets the app read every order, without a user.' },
  },
  'Order.ReadWrite.OwnedBy': {
    application: { displayName: 'Manage its orders', description: 'Lets the app manage the orders that it created.' },
  },
});
const { delegated, application } = permissions;

interface Order {
  readonly id: string;
  readonly owner: Principal;
}
const orders = new Map<string, Order>();

// 2. What the routes touch, and whose it is.
const order = record<Order>({
  name: 'order',
  find: (id) => orders.get(id),
  owners: ({ owner }) => [owner],
  notOwner: 'forbidden',
});

interface Entra {
  readonly tenant: string; // your directory (tenant) ID, a GUID
  readonly clientId: string; // the application (client) ID of this API
  readonly testAuthority?: string | TestAuthority; // a local Entra, for development and tests
}

export function createApp(entra: Entra) {
  const app = express();
  app.use(authenticate({ ...entra, permissions })); // who is calling

  app.get('/health', publicRoute(), (_req, res) => {
    res.json({ status: 'ok' });
  });

  // 3. Who may: any one of the grants.
  app.get(
    '/orders/:id',
    allow(
      delegated('Order.Read').owned(order), // a user, through a client with this scope, on what is the user's own
      application('Order.ReadWrite.OwnedBy').owned(order), // a client as itself, on what it owns
      application('Order.Read'), // a client as itself, on everything
    ),
    (req, res) => {
      res.json(order.of(req));
    },
  );

  app.get(
    '/orders',
    allow(application('Order.ReadWrite.OwnedBy').ownedOnly(order), application('Order.Read')),
    (req, res) => {
      const reach = order.reach(req); // { kind: 'all' }, or { kind: 'owned', by: principal }: for the WHERE of the query
      const isInReach = ({ owner: { tenantId, objectId } }: Order) =>
        reach.kind === 'all' ||
        (reach.kind === 'owned' && tenantId === reach.by.tenantId && objectId === reach.by.objectId);
      res.json([...orders.values()].filter(isInReach));
    },
  );

  app.post('/orders', allow(application('Order.ReadWrite.OwnedBy').creates(order)), (req, res) => {
    const created: Order = { id: crypto.randomUUID(), owner: callerOf(req).principal };
    orders.set(created.id, created);
    res.status(201).json(created);
  });

  assertDeclared(app); // a route without allow or publicRoute: the app does not start
  app.use(problemDetails()); // refusals as RFC 9457
  return app;
}
