import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { allow } from '../../express/index.js';
import type { AppRoleAssignment } from '../directory/app-role-assignments.js';
import { appRoleAssignmentResource } from './directory-resources.js';
import { badRequest, notFound } from './graph-error.js';
import { sendEntity, sendList } from './odata.js';
import { bodyOf, guidIfAny, guidIn } from './read-body.js';
import { answering, type GraphRoutes, parameter } from './routes.js';

/** The two ends of an assignment, and the path under each. */
const ends = [
  { path: '/servicePrincipals/:id/appRoleAssignedTo', end: 'resourceId' },
  { path: '/servicePrincipals/:id/appRoleAssignments', end: 'principalId' },
] as const;

export const appRoleAssignments: GraphRoutes = (api, { directory, may }) => {
  const { owned, readable } = may.servicePrincipals;

  const resourceInBody = (req: IncomingMessage) => {
    const id = guidIfAny(req, 'resourceId');
    return id === undefined ? undefined : directory.servicePrincipals.find(id);
  };
  const assignmentInPath = (req: IncomingMessage) =>
    directory.appRoleAssignments.find(parameter(req as Request, 'assignmentId'));
  const resourceOfAssignment = (req: IncomingMessage) =>
    directory.servicePrincipals.find(assignmentInPath(req)?.resourceId ?? '');

  for (const { path, end } of ends) {
    const context = (id: string) => `servicePrincipals('${id}')/${path.split('/').at(-1)}`;

    api.get(
      path,
      allow(...may.readAssignments(may.servicePrincipals)),
      answering((req, res) => {
        const { objectId } = readable.of(req);
        const found = directory.appRoleAssignments.all().filter((assignment) => assignment[end] === objectId);
        sendList(
          req,
          res,
          context(objectId),
          found.map((each) => appRoleAssignmentResource(directory, each)),
        );
      }),
    );

    api.post(
      path,
      allow(...may.assign(resourceInBody)),
      answering(async (req, res) => {
        const { objectId, tenantId } = await owned.load(req);
        const body = bodyOf(req);
        const [principalId, resourceId, appRoleId] = ['principalId', 'resourceId', 'appRoleId'].map((property) =>
          guidIn(body, property),
        ) as [string, string, string];
        if ({ principalId, resourceId }[end] !== objectId) {
          throw badRequest(`${end}: must be the id in the path, ${objectId}.`);
        }
        if (directory.principal(principalId)?.tenantId !== tenantId) {
          throw notFound(principalId);
        }
        const created = directory.appRoleAssignments.create({ principalId, resourceId, appRoleId });
        res.status(201);
        sendEntity(req, res, context(objectId), appRoleAssignmentResource(directory, created));
      }),
    );

    api.delete(
      `${path}/:assignmentId`,
      allow(...may.assign(resourceOfAssignment)),
      answering(async (req, res) => {
        const { objectId } = await owned.load(req);
        const assignment: AppRoleAssignment | undefined = assignmentInPath(req);
        if (assignment?.[end] !== objectId) {
          throw notFound(parameter(req, 'assignmentId'));
        }
        directory.appRoleAssignments.delete(assignment.id);
        res.status(204).end();
      }),
    );
  }
};
