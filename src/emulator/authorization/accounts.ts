import type { Directory } from '../directory/directory.js';
import { personalAccounts } from '../directory/tenant.js';
import type { User } from '../directory/user.js';
import type { SignInRequest } from './sign-in-request.js';

/**
 * Who can sign in: the users of the tenant, guests included; where no tenant is named, everyone at home in a tenant that the
 * application has a service principal in.
 */
export function accounts(directory: Directory, { application, tenantId, tenantName }: SignInRequest): readonly User[] {
  return directory.users
    .all()
    .filter((user) =>
      tenantId === undefined
        ? user.homeTenantId === undefined &&
          directory.servicePrincipals.ofClient(application.clientId, user.tenantId) !== undefined &&
          !(tenantName === 'organizations' && user.tenantId === personalAccounts.tenantId)
        : user.tenantId === tenantId,
    );
}

/** By user principal name or mail address, as people sign in. */
export function accountCalled(users: readonly User[], address: string): User | undefined {
  const wanted = address.toLowerCase();
  return users.find(
    ({ userPrincipalName, mail }) => userPrincipalName.toLowerCase() === wanted || mail.toLowerCase() === wanted,
  );
}
