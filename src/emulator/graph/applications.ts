import { allow, callerOf, publicRoute } from '../../express/index.js';
import { onlyKnownFields, text } from '../description/fields.js';
import { wrong } from '../wrong.js';
import { applicationResource, passwordResource, readApplicationChange } from './application-resource.js';
import { servicePrincipalResource } from './directory-resources.js';
import { notFound, reading } from './graph-error.js';
import { toItself } from './itself.js';
import { sendEntity, sendList } from './odata.js';
import { bodyOf, guidIn } from './read-body.js';
import { answering, type GraphRoutes, parameter } from './routes.js';
import { inReach, ownersOfNew } from './who-may.js';

/** The template of an application that is in no gallery. */
const CUSTOM_APPLICATION_TEMPLATE = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621';

const fresh = {
  redirectUris: { web: [], spa: [], publicClient: [] },
  implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
};

export const applications: GraphRoutes = (api, { directory, may }) => {
  const { owned, readable } = may.applications;

  api.get(
    '/applications',
    allow(...may.list(may.applications)),
    answering((req, res) => {
      const found = inReach(may.applications, req, directory.applications.all());
      sendList(req, res, 'applications', found.map(applicationResource));
    }),
  );

  api.post(
    '/applications',
    allow(...may.createApplication()),
    answering((req, res) => {
      const caller = callerOf(req);
      const change = reading(() => readApplicationChange(bodyOf(req), fresh));
      const created = directory.applications.create({
        ...change,
        displayName: reading(() => text('displayName', change.displayName)),
        tenantId: caller.tenantId,
        owners: ownersOfNew(directory, caller),
      });
      res.status(201);
      sendEntity(req, res, 'applications', applicationResource(created));
    }),
  );

  api.get(
    '/applications/:id',
    publicRoute(),
    toItself(
      readable,
      (caller, { clientId, tenantId }) => caller.clientId === clientId && caller.tenantId === tenantId,
      (req, res, found) => sendEntity(req, res, 'applications', applicationResource(found)),
    ),
  );

  api.get(
    '/applications/:id',
    allow(...may.read(may.applications)),
    answering((req, res) => sendEntity(req, res, 'applications', applicationResource(readable.of(req)))),
  );

  api.patch(
    '/applications/:id',
    allow(...may.manage(may.applications)),
    answering((req, res) => {
      const application = owned.of(req);
      const change = reading(() => readApplicationChange(bodyOf(req), application));
      directory.applications.update(application.objectId, change);
      res.status(204).end();
    }),
  );

  api.delete(
    '/applications/:id',
    allow(...may.manage(may.applications)),
    answering((req, res) => {
      directory.applications.delete(owned.of(req).objectId);
      res.status(204).end();
    }),
  );

  api.post(
    '/applications/:id/addPassword',
    allow(...may.manage(may.applications)),
    answering((req, res) => {
      const given = reading(() => readPassword(bodyOf(req)));
      const password = directory.applications.addPassword(owned.of(req).objectId, given);
      // The one time that a secret is shown.
      const { secretText } = password;
      res.json({
        '@odata.context': `${req.protocol}://${req.headers.host}${req.baseUrl}/$metadata#microsoft.graph.passwordCredential`,
        ...passwordResource(password),
        startDateTime: new Date(directory.clock.now()).toISOString(),
        secretText,
      });
    }),
  );

  api.post(
    '/applications/:id/removePassword',
    allow(...may.manage(may.applications)),
    answering((req, res) => {
      directory.applications.removePassword(owned.of(req).objectId, guidIn(bodyOf(req), 'keyId'));
      res.status(204).end();
    }),
  );

  // As in Entra, what is made from a template is nobody's, not even of the client that made it.
  api.post(
    '/applicationTemplates/:id/instantiate',
    allow(...may.createApplication()),
    answering((req, res) => {
      const id = parameter(req, 'id');
      if (id !== CUSTOM_APPLICATION_TEMPLATE) {
        throw notFound(id);
      }
      const { tenantId } = callerOf(req);
      const displayName = reading(() => text('displayName', bodyOf(req).displayName));
      const application = directory.applications.create({ displayName, tenantId });
      const servicePrincipal = directory.servicePrincipals.create({ clientId: application.clientId, tenantId });
      res.status(201).json({
        application: applicationResource(application),
        servicePrincipal: servicePrincipalResource(directory, servicePrincipal),
      });
    }),
  );
};

function readPassword(body: Readonly<Record<string, unknown>>): { displayName?: string; endDateTime?: string } {
  onlyKnownFields('', body, ['passwordCredential']);
  const given = (body.passwordCredential ?? {}) as Readonly<Record<string, unknown>>;
  onlyKnownFields('passwordCredential', given, ['displayName', 'endDateTime', 'startDateTime']);
  const endDateTime = given.endDateTime == null ? undefined : text('passwordCredential.endDateTime', given.endDateTime);
  if (endDateTime !== undefined && Number.isNaN(Date.parse(endDateTime))) {
    throw wrong('passwordCredential.endDateTime', 'must be a time in ISO 8601');
  }
  return {
    ...(given.displayName != null && { displayName: text('passwordCredential.displayName', given.displayName) }),
    ...(endDateTime !== undefined && { endDateTime }),
  };
}
