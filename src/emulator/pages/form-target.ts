import { type Html, html } from './html.js';

/** Where a page's form goes, and what it takes along. */
export interface FormTarget {
  readonly action: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly formActions: readonly string[];
}

/** The beginning of the form; whoever opens it closes it. */
export function openForm({ action, hidden = {} }: FormTarget, more: Readonly<Record<string, string>> = {}): Html {
  const fields = Object.entries({ ...hidden, ...more }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${action}">${fields}`;
}
