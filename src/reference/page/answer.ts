import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';

/** What is answered to a request. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Where the page is, for a redirection. */
  readonly location?: string;
}

export function json(value: unknown): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

/** RFC 9457. The detail quotes nothing that was sent. */
export function problem(status: 400 | 403, detail: string): Answer {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail });
  return { status, type: 'application/problem+json', body };
}

/** No script or style but the page's own files, nothing from elsewhere, and no markup made of text. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

export function send(res: ServerResponse, { status, type, body, location }: Answer): void {
  res.writeHead(status, {
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
    'Content-Security-Policy': policy,
    'Content-Type': `${type}; charset=utf-8`,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    ...(location !== undefined && { Location: location }),
  });
  res.end(body);
}
