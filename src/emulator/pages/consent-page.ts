import type { Consent } from '../authorization/consent.js';
import type { OAuth2PermissionScope } from '../directory/application.js';
import { type FormTarget, openForm } from './form-target.js';
import { html } from './html.js';
import type { Page } from './send-page.js';

/** Asks a person to agree; tells one who may not that an administrator has to. */
export function consentPage(target: FormTarget, { user, application, missing, allowed, isAdmin }: Consent): Page {
  const permissions = missing.flatMap(({ resource, scopes }) =>
    scopes.map(
      (scope) => html`<li><strong>${texts(scope).title}</strong> (${resource.displayName}: ${scope.value})
<span class="detail">${texts(scope).description}</span></li>`,
    ),
  );
  const everyone =
    isAdmin &&
    html`<p><label><input type="checkbox" name="everyone" value="yes"> Consent on behalf of your organization</label></p>`;
  return {
    title: allowed ? 'Permissions requested' : 'Need admin approval',
    formActions: target.formActions,
    content: html`<p>${user.userPrincipalName}</p>
<p><strong>${application.displayName}</strong> ${
      allowed
        ? 'would like to:'
        : 'needs permissions that only an administrator can grant. Sign in as one, or grant them in the directory.'
    }</p>
<ul>${permissions}</ul>
${openForm(target, { account: user.objectId })}
${allowed && everyone}
<div class="choices">
${allowed && html`<button name="decision" value="accept">Accept</button>`}
<button name="decision" value="decline">${allowed ? 'Cancel' : 'Return to the application without granting consent'}</button>
</div></form>`,
  };
}

function texts({
  userConsentDisplayName,
  userConsentDescription,
  adminConsentDisplayName,
  adminConsentDescription,
}: OAuth2PermissionScope) {
  return {
    title: userConsentDisplayName ?? adminConsentDisplayName,
    description: userConsentDescription ?? adminConsentDescription,
  };
}
