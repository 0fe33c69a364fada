import type { IncomingMessage } from 'node:http';
import { allow, callerOf, publicRoute } from '../../express/index.js';
import { onlyKnownFields, yesOrNo } from '../description/fields.js';
import type { Application } from '../directory/application.js';
import { servicePrincipalResource } from './directory-resources.js';
import { badRequest, reading } from './graph-error.js';
import { toItself } from './itself.js';
import { sendEntity, sendList } from './odata.js';
import { bodyOf, guidIfAny, guidIn } from './read-body.js';
import { answering, type GraphRoutes } from './routes.js';
import { inReach, ownersOfNew } from './who-may.js';

export const servicePrincipals: GraphRoutes = (api, { directory, may }) => {
  const { owned, readable } = may.servicePrincipals;
  const resource = servicePrincipalResource.bind(undefined, directory);

  api.get(
    '/servicePrincipals',
    allow(...may.list(may.servicePrincipals)),
    answering((req, res) => {
      const found = inReach(may.servicePrincipals, req, directory.servicePrincipals.all());
      sendList(req, res, 'servicePrincipals', found.map(resource));
    }),
  );

  const applicationIn = (req: IncomingMessage): Application | undefined => {
    const appId = guidIfAny(req, 'appId');
    return appId === undefined ? undefined : directory.applications.find(appId);
  };

  api.post(
    '/servicePrincipals',
    allow(...may.createServicePrincipal(applicationIn)),
    answering((req, res) => {
      const caller = callerOf(req);
      const body = bodyOf(req);
      const clientId = guidIn(body, 'appId');
      if (applicationIn(req)?.clientId !== clientId) {
        throw badRequest(
          `The appId '${clientId}' of the service principal does not reference a valid application object.`,
        );
      }
      const created = directory.servicePrincipals.create({
        ...reading(() => readChange(body, ['appId'])),
        clientId,
        tenantId: caller.tenantId,
        owners: ownersOfNew(directory, caller),
      });
      res.status(201);
      sendEntity(req, res, 'servicePrincipals', resource(created));
    }),
  );

  api.get(
    '/servicePrincipals/:id',
    publicRoute(),
    toItself(
      readable,
      (caller, { objectId }) => caller.principal.objectId.toLowerCase() === objectId,
      (req, res, found) => sendEntity(req, res, 'servicePrincipals', resource(found)),
    ),
  );

  api.get(
    '/servicePrincipals/:id',
    allow(...may.read(may.servicePrincipals)),
    answering((req, res) => sendEntity(req, res, 'servicePrincipals', resource(readable.of(req)))),
  );

  api.patch(
    '/servicePrincipals/:id',
    allow(...may.manage(may.servicePrincipals)),
    answering((req, res) => {
      directory.servicePrincipals.update(
        owned.of(req).objectId,
        reading(() => readChange(bodyOf(req), [])),
      );
      res.status(204).end();
    }),
  );

  api.delete(
    '/servicePrincipals/:id',
    allow(...may.manage(may.servicePrincipals)),
    answering((req, res) => {
      directory.servicePrincipals.delete(owned.of(req).objectId);
      res.status(204).end();
    }),
  );
};

function readChange(body: Readonly<Record<string, unknown>>, besides: readonly string[]) {
  onlyKnownFields('', body, [...besides, 'appRoleAssignmentRequired']);
  const { appRoleAssignmentRequired } = body;
  return appRoleAssignmentRequired === undefined
    ? {}
    : { appRoleAssignmentRequired: yesOrNo('appRoleAssignmentRequired', appRoleAssignmentRequired, false) };
}
