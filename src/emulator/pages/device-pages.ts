import { type FormTarget, openForm } from './form-target.js';
import { html } from './html.js';
import type { Page } from './send-page.js';

/** Asks for the code that a device shows. */
export function deviceCodePage(target: FormTarget, userCode: string, wrong: boolean): Page {
  return {
    title: 'Enter code',
    content: html`${wrong && html`<p role="alert">That code didn’t work. Check the code and try again.</p>`}
${openForm(target)}
<p><label for="user_code">Enter the code displayed on your app or device.</label>
<input id="user_code" type="text" name="user_code" value="${userCode}" autocomplete="off" autocapitalize="characters" required></p>
<div class="choices"><button>Next</button></div></form>`,
  };
}

export function deviceDonePage(applicationName: string, outcome: 'approved' | 'declined'): Page {
  return {
    title: outcome === 'approved' ? 'You have signed in' : 'You cancelled the sign-in',
    content: html`<p>${
      outcome === 'approved' ? 'You have signed in to ' : 'Nothing was shared with '
    }<strong>${applicationName}</strong>${outcome === 'approved' ? ' on your device.' : '.'} You may now close this window.</p>`,
  };
}

/** Asks whether a device may be signed in at all: whoever sent the code may be someone else. */
export function deviceConfirmationPage(
  target: FormTarget,
  applicationName: string,
  account: { readonly objectId: string; readonly userPrincipalName: string },
): Page {
  return {
    title: 'Are you trying to sign in?',
    content: html`<p>${account.userPrincipalName}</p>
<p>Only continue if you are signing in to <strong>${applicationName}</strong> on a device of your own.</p>
${openForm(target, { account: account.objectId })}
<div class="choices"><button name="decision" value="accept">Continue</button>
<button name="decision" value="decline">Cancel</button></div></form>`,
  };
}
