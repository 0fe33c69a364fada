import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { Html, html } from './html.js';

export interface Page {
  readonly title: string;
  readonly content: Html;
  /** Where its forms may lead besides this server: the source expressions of `form-action`. */
  readonly formActions?: readonly string[];
  /** Sends its first form at once. Without scripts there is a button. */
  readonly sendsItself?: boolean;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; min-height: 100vh; place-items: center; margin: 0; }
main { box-sizing: border-box; width: min(28rem, 100%); padding: 2rem; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
form { margin: 0; }
label, button { display: block; }
ul { padding: 0; list-style: none; }
li { margin: .5rem 0; }
button, input[type=text] { box-sizing: border-box; width: 100%; padding: .7rem 1rem; font: inherit; text-align: start; border: 1px solid GrayText; border-radius: .3rem; }
button { cursor: pointer; background: ButtonFace; color: ButtonText; }
button:focus-visible, input:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
.choices button { margin-top: .75rem; text-align: center; }
.detail { display: block; font-size: .9rem; opacity: .8; }
footer { margin-top: 2rem; font-size: .85rem; opacity: .8; }
`;
const SUBMIT = 'document.forms[0].submit()';

/** Sends a page that can do nothing but what it says: no script, no frame, nothing from elsewhere. */
export function sendPage(res: Response, status: number, { title, content, formActions = [], sendsItself }: Page): void {
  const script = sendsItself ? new Html(`<script>${SUBMIT}</script>`) : undefined;
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    ...(sendsItself ? [`script-src '${hashOf(SUBMIT)}'`] : []),
    `form-action ${["'self'", ...formActions].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – local Entra</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
<footer>This is a local Entra for development. It asks for no password, and nothing here is real.</footer>
</main>
${script}
</body>
</html>
`;
  res
    .status(status)
    .set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    })
    .type('html')
    .send(page.text);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
