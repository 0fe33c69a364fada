import { formActions } from './form-actions.js';
import { openForm } from './form-target.js';
import { html } from './html.js';
import type { Page } from './send-page.js';

/** OAuth 2.0 Form Post Response Mode: the answer as a form that the browser sends to the application. */
export function formPostPage(redirectUri: string, parameters: Readonly<Record<string, string>>): Page {
  const target = { action: redirectUri, hidden: parameters, formActions: formActions(redirectUri) };
  return {
    title: 'Back to the application',
    formActions: target.formActions,
    sendsItself: true,
    content: html`${openForm(target)}<div class="choices"><button>Continue</button></div></form>`,
  };
}
