import { type ServerResponse, STATUS_CODES } from 'node:http';

/** Answers with problem details (RFC 9457) of the type that needs no more than its status. */
export function sendProblem(
  res: ServerResponse,
  { status, ...members }: { readonly status: number; readonly detail: string; readonly code?: string },
): void {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, ...members });
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/problem+json');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
