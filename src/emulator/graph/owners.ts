import type { Express } from 'express';
import { allow } from '../../express/index.js';
import { isGuid } from '../../token/index.js';
import type { Application } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import { directoryObject } from './directory-resources.js';
import { badRequest } from './graph-error.js';
import { sendList } from './odata.js';
import { bodyOf } from './read-body.js';
import { answering, type GraphContext, type GraphRoutes, parameter } from './routes.js';
import type { Guarded } from './who-may.js';

/** Who owns what. A registration and its service principals have owners of their own. */
export const owners: GraphRoutes = (api, context) => {
  const { directory, may } = context;
  ownersOf(api, context, '/applications/:id/owners', may.applications, directory.applications);
  ownersOf(api, context, '/servicePrincipals/:id/owners', may.servicePrincipals, directory.servicePrincipals);

  api.get(
    '/servicePrincipals/:id/ownedObjects',
    allow(...may.read(may.servicePrincipals)),
    answering((req, res) => {
      const { objectId } = may.servicePrincipals.readable.of(req);
      const all = [...directory.applications.all(), ...directory.servicePrincipals.all()];
      const found = all.filter((each) => each.owners.includes(objectId));
      sendList(
        req,
        res,
        'directoryObjects',
        found.map((each) => directoryObject(directory, each)),
      );
    }),
  );
};

function ownersOf<T extends Application | ServicePrincipal>(
  api: Express,
  { directory, may }: GraphContext,
  path: string,
  objects: Guarded<T>,
  store: Directory['applications'] | Directory['servicePrincipals'],
): void {
  api.get(
    path,
    allow(...may.read(objects)),
    answering((req, res) => {
      const found = objects.readable.of(req).owners.flatMap((id) => directory.principal(id) ?? []);
      sendList(
        req,
        res,
        'directoryObjects',
        found.map((each) => directoryObject(directory, each)),
      );
    }),
  );

  // Express 4 and 5 read a dollar sign in a path differently: `/$ref` arrives as `/ref`.
  api.post(
    `${path}/ref`,
    allow(...may.addOwner(objects)),
    answering((req, res) => {
      store.addOwner(objects.owned.of(req).objectId, referenced(bodyOf(req)['@odata.id']));
      res.status(204).end();
    }),
  );

  api.delete(
    `${path}/:ownerId/ref`,
    allow(...may.manage(objects)),
    answering((req, res) => {
      store.removeOwner(objects.owned.of(req).objectId, parameter(req, 'ownerId'));
      res.status(204).end();
    }),
  );
}

/** The object id in `https://graph.microsoft.com/v1.0/directoryObjects/{id}`, whatever host it names. */
function referenced(reference: unknown): string {
  const id = typeof reference === 'string' ? reference.split('/').at(-1) : undefined;
  if (!isGuid(id)) {
    throw badRequest("@odata.id: must be like 'https://graph.microsoft.com/v1.0/directoryObjects/{id}'.");
  }
  return id;
}
