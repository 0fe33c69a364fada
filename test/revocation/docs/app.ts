import express from 'express';
import {
  allow,
  authenticate,
  definePermissions,
  problemDetails,
  publicRoute,
  type TestAuthority,
} from 'express-app-roles';
import { type Revocations, revocationRoutes } from 'express-app-roles/revocation';

const readList = { displayName: 'Read revocations', description: 'Lets the app read who is shut out.' };
const writeList = { displayName: 'Revoke and restore', description: 'Lets the app shut out any caller of the API.' };
const readOrders = { displayName: 'Read all orders', description: 'Lets the app read every order.' };

export const permissions = definePermissions({
  'Order.Read': { application: readOrders },
  'Revocation.Read.All': { application: readList },
  'Revocation.ReadWrite.All': { application: writeList },
});
const { application } = permissions;

export function createApp(
  entra: { tenant: string; clientId: string; testAuthority?: TestAuthority },
  revoked: Revocations,
) {
  const app = express();
  app.use(authenticate({ ...entra, permissions, deny: revoked.deny }));
  app.use(express.json());
  app.get('/orders', allow(application('Order.Read')), (_req, res) => res.json([]));
  revocationRoutes(app, '/revocations', {
    revocations: revoked,
    read: [application('Revocation.Read.All'), application('Revocation.ReadWrite.All')],
    write: [application('Revocation.ReadWrite.All')],
  });
  app.get('/ready', publicRoute(), (_req, res) => {
    res.status(revoked.health().ok ? 200 : 503).json({ revocations: revoked.health().ok });
  });
  app.use(problemDetails());
  return app;
}
