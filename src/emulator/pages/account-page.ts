import type { User } from '../directory/user.js';
import { type FormTarget, openForm } from './form-target.js';
import { html } from './html.js';
import type { Page } from './send-page.js';

/** Lets a person choose who they are. */
export function accountPage(
  target: FormTarget,
  applicationName: string,
  accounts: readonly User[],
  unknownHint: string | undefined,
): Page {
  const choices = accounts.map(
    ({ objectId, name, userPrincipalName }) => html`<li><button name="account" value="${objectId}">${name}
<span class="detail">${userPrincipalName}</span></button></li>`,
  );
  return {
    title: 'Pick an account',
    formActions: target.formActions,
    content: html`<p>to continue to <strong>${applicationName}</strong></p>
${unknownHint !== undefined && html`<p role="alert">There is no account ${unknownHint} here.</p>`}
${
  accounts.length > 0
    ? html`${openForm(target)}<ul>${choices}</ul></form>`
    : html`<p role="alert">The directory has no user who could sign in here: describe one in <code>users</code>.</p>`
}`,
  };
}
