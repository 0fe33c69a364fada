import express, { type Express, type RequestHandler } from 'express';
import { assertDeclared, authenticate } from '../../express/index.js';
import { graphPermissions, MICROSOFT_GRAPH_CLIENT_ID } from '../description/microsoft-graph.js';
import type { Endpoint } from '../endpoints.js';
import { answerDocument, type LocalEntra } from '../local-entra.js';
import { appRoleAssignments } from './app-role-assignments.js';
import { applications } from './applications.js';
import { answerGraphErrors, GraphError } from './graph-error.js';
import { oauth2PermissionGrants } from './oauth2-permission-grants.js';
import { owners } from './owners.js';
import type { GraphRoutes } from './routes.js';
import { servicePrincipals } from './service-principals.js';
import { whoMay } from './who-may.js';

const all: readonly GraphRoutes[] = [
  applications,
  servicePrincipals,
  owners,
  appRoleAssignments,
  oauth2PermissionGrants,
];

/**
 * The part of Microsoft Graph that permission work needs, under `/v1.0`, as an API that is protected by this library: it
 * believes the tokens of this local Entra, and nothing else.
 */
export const graph: Endpoint = (app, entra) => {
  const environment = process.env.NODE_ENV;
  const isOn = environment === 'test' || environment === 'development';
  app.use('/v1.0', isOn ? createGraph(entra) : graphIsOff(entra));
};

function createGraph(entra: LocalEntra): Express {
  const { directory } = entra;
  // Its keys come by no wire that a fault could cut: Microsoft Graph stands beside Entra.
  const own = { ...entra, origin: entra.issuerOrigin };
  const guard = authenticate({
    tenants: directory.tenants.map(({ tenantId }) => tenantId),
    clientId: MICROSOFT_GRAPH_CLIENT_ID,
    permissions: graphPermissions,
    testAuthority: {
      origin: own.origin,
      fetch: async (input) => answerDocument(own, new URL(input instanceof Request ? input.url : input)),
    },
  });
  const api = express();
  api.disable('x-powered-by');
  api.disable('etag');
  api.use(canonicalPath, withCurrentKeys(entra, guard.keys.refresh), guard);
  api.use(express.json({ limit: '256kb' }));
  const may = whoMay(directory);
  for (const add of all) {
    add(api, { directory, may });
  }
  assertDeclared(api);
  api.use(notServed);
  api.use(answerGraphErrors(entra.log));
  return api;
}

/** `/applications(appId='…')` and `/$ref`, as paths that every version of Express can match. */
const canonicalPath: RequestHandler = (req, _res, next) => {
  const [path = '', query] = req.url.split(/(?=\?)/, 2);
  req.url = `${path.replace(/\((appId)=(?:'|%27)([^'/]*)(?:'|%27)\)/i, '/appId=$2').replace(/\/(?:\$|%24)ref$/i, '/ref')}${query ?? ''}`;
  next();
};

/** After a rollover the library would look for new keys twice, and then only now and then: here it need not wait. */
function withCurrentKeys({ keys }: LocalEntra, refresh: (how: { replace: boolean }) => Promise<void>): RequestHandler {
  let known: string | undefined;
  return (_req, _res, next) => {
    const { kid } = keys.signing;
    if (kid === known) {
      next();
      return;
    }
    refresh({ replace: true }).then(() => {
      known = kid;
      next();
    }, next);
  };
}

const notServed: RequestHandler = (req, _res, next) => {
  next(
    new GraphError(
      400,
      'BadRequest',
      `${req.method} ${req.path}: this local Entra serves of Microsoft Graph applications, servicePrincipals (with owners, ownedObjects, appRoleAssignments, appRoleAssignedTo) and oauth2PermissionGrants.`,
    ),
  );
};

function graphIsOff({ log }: LocalEntra): Express {
  const api = express();
  api.use((_req, _res, next) => {
    next(
      new GraphError(
        403,
        'Authorization_RequestDenied',
        "The Microsoft Graph of a local Entra works only where the NODE_ENV of its process is 'test' or 'development'.",
      ),
    );
  });
  api.use(answerGraphErrors(log));
  return api;
}
