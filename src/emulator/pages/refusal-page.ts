import type { AadstsError } from '../aadsts.js';
import { html } from './html.js';
import type { Page } from './send-page.js';

/** A refusal that cannot be sent to the application, because it is not known to be one. */
export function refusalPage({ code, message }: AadstsError): Page {
  return {
    title: 'Sorry, but we’re having trouble signing you in',
    content: html`<p role="alert">AADSTS${String(code)}: ${message}</p>`,
  };
}
