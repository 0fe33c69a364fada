import {
  AadstsError,
  consentDeclined,
  needsAdminConsent,
  notConsented,
  signInRequired,
  unknownUser,
} from '../aadsts.js';
import type { Directory } from '../directory/directory.js';
import type { User } from '../directory/user.js';
import { requestedScopes } from '../grants/requested-scopes.js';
import { accountCalled, accounts } from './accounts.js';
import { checkAssigned } from './check-assigned.js';
import { type Consent, consentFor, giveConsent } from './consent.js';
import type { SignInRequest } from './sign-in-request.js';

/** What a person chose on the pages so far. */
export interface Choice {
  /** Object id. */
  readonly account?: string | undefined;
  readonly decision?: 'accept' | 'decline' | undefined;
  readonly forEveryone?: boolean;
}

/** Where a sign-in stands: a page to show, or a user who agreed. */
export type SignInStep =
  | { readonly kind: 'pick-account'; readonly accounts: readonly User[]; readonly unknownHint: string | undefined }
  | { readonly kind: 'consent'; readonly consent: Consent }
  | { readonly kind: 'signed-in'; readonly user: User };

/** The next step of a sign-in. Nobody is asked for a password: a login hint is enough. Throws the refusal that the client gets. */
export function signInStep(directory: Directory, request: SignInRequest, choice: Choice): SignInStep {
  const { application, scope, loginHint, prompt } = request;
  const users = accounts(directory, request);
  const user = chosen(users, request, choice);
  if (!user) {
    if (prompt === 'none') {
      throw loginHint
        ? refusedAs('login_required', unknownUser(request.tenantId ?? request.tenantName))
        : signInRequired();
    }
    return {
      kind: 'pick-account',
      accounts: users,
      unknownHint: loginHint && !accountCalled(users, loginHint) ? loginHint : undefined,
    };
  }
  const consent = consentFor(directory, user, application, scope, prompt === 'consent' && choice.decision !== 'accept');
  checkAssignedAtSignIn(directory, user, consent, scope);
  if (consent.missing.length === 0) {
    return { kind: 'signed-in', user };
  }
  if (prompt === 'none') {
    throw refusedAs('consent_required', notConsented(consent.client));
  }
  if (choice.decision === 'decline') {
    throw consent.allowed ? consentDeclined() : needsAdminConsent(consent.client);
  }
  if (choice.decision !== 'accept') {
    return { kind: 'consent', consent };
  }
  giveConsent(directory, consent, choice.forEveryone);
  return { kind: 'signed-in', user };
}

function chosen(users: readonly User[], { loginHint, prompt }: SignInRequest, { account }: Choice): User | undefined {
  if (account !== undefined) {
    return users.find(({ objectId }) => objectId === account.toLowerCase());
  }
  return loginHint && prompt !== 'select_account' ? accountCalled(users, loginHint) : undefined;
}

function checkAssignedAtSignIn(
  directory: Directory,
  user: User,
  { application, client }: Consent,
  scope: string,
): void {
  const { permissions } = requestedScopes(directory, application, user.tenantId, scope);
  try {
    for (const each of [client, ...permissions.map(({ resource }) => resource)]) {
      checkAssigned(directory, user, each);
    }
  } catch (error) {
    throw error instanceof AadstsError ? refusedAs('access_denied', error) : error;
  }
}

/** The same refusal by the name that it has before a code is issued. */
function refusedAs(error: string, { code, status, message, suberror }: AadstsError): AadstsError {
  return new AadstsError(code, error, status, message, suberror);
}
