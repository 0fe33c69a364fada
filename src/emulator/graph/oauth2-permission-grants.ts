import type { Request } from 'express';
import { allow, callerOf } from '../../express/index.js';
import { oneOf, onlyKnownFields } from '../description/fields.js';
import type { OAuth2PermissionGrant } from '../directory/oauth2-permission-grants.js';
import { oauth2PermissionGrantResource } from './directory-resources.js';
import { badRequest, notFound, reading } from './graph-error.js';
import { sendEntity, sendList } from './odata.js';
import { bodyOf, guidIn } from './read-body.js';
import { answering, type GraphRoutes, parameter } from './routes.js';

/** Who consented to what. In another tenant than the caller's there is nothing. */
export const oauth2PermissionGrants: GraphRoutes = (api, { directory, may }) => {
  const grants = directory.oauth2PermissionGrants;

  const grantInPath = (req: Request): OAuth2PermissionGrant => {
    const id = parameter(req, 'id');
    const found = grants.find(id);
    if (found?.tenantId !== callerOf(req).tenantId) {
      throw notFound(id);
    }
    return found;
  };

  api.get(
    '/oauth2PermissionGrants',
    allow(...may.readGrants),
    answering((req, res) => {
      const found = grants.all().filter(({ tenantId }) => tenantId === callerOf(req).tenantId);
      sendList(req, res, 'oauth2PermissionGrants', found.map(oauth2PermissionGrantResource));
    }),
  );

  api.post(
    '/oauth2PermissionGrants',
    allow(...may.consent),
    answering((req, res) => {
      const body = bodyOf(req);
      const resourceId = guidIn(body, 'resourceId');
      const consentType = reading(() => {
        onlyKnownFields('', body, [
          'clientId',
          'consentType',
          'principalId',
          'resourceId',
          'scope',
          'expiryTime',
          'startTime',
        ]);
        return oneOf('consentType', body.consentType, ['AllPrincipals', 'Principal']);
      });
      if (consentType === 'AllPrincipals' && body.principalId != null) {
        throw badRequest("principalId: must be left out where consentType is 'AllPrincipals'.");
      }
      if (directory.servicePrincipals.find(resourceId)?.tenantId !== callerOf(req).tenantId) {
        throw notFound(resourceId);
      }
      const created = grants.create({
        clientPrincipalId: guidIn(body, 'clientId'),
        principalId: consentType === 'Principal' ? guidIn(body, 'principalId') : null,
        resourceId,
        scopes: scopesIn(body),
      });
      res.status(201);
      sendEntity(req, res, 'oauth2PermissionGrants', oauth2PermissionGrantResource(created));
    }),
  );

  api.get(
    '/oauth2PermissionGrants/:id',
    allow(...may.readGrants),
    answering((req, res) =>
      sendEntity(req, res, 'oauth2PermissionGrants', oauth2PermissionGrantResource(grantInPath(req))),
    ),
  );

  api.patch(
    '/oauth2PermissionGrants/:id',
    allow(...may.consent),
    answering((req, res) => {
      const { id } = grantInPath(req);
      const body = bodyOf(req);
      reading(() => onlyKnownFields('', body, ['scope']));
      grants.update(id, scopesIn(body));
      res.status(204).end();
    }),
  );

  api.delete(
    '/oauth2PermissionGrants/:id',
    allow(...may.consent),
    answering((req, res) => {
      grants.delete(grantInPath(req).id);
      res.status(204).end();
    }),
  );
};

/** `scope` is one string, as in a token; Entra itself often begins it with a space. */
function scopesIn({ scope }: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof scope !== 'string') {
    throw badRequest("scope: must be a string of scopes with spaces between, like 'Mail.Read Mail.Send'.");
  }
  return [...new Set(scope.split(' ').filter((each) => each !== ''))];
}
