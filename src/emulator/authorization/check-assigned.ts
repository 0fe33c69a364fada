import { userNotAssigned } from '../aadsts.js';
import type { Directory } from '../directory/directory.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { User } from '../directory/user.js';

/** Throws where assignment is required and the user has none. */
export function checkAssigned(directory: Directory, user: User, to: ServicePrincipal): void {
  if (to.appRoleAssignmentRequired && !directory.appRoleAssignments.rolesOf(user.objectId, to)) {
    throw userNotAssigned(to);
  }
}
