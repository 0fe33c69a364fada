import type { ApplicationDescription } from 'express-app-roles/emulator';
import { permissions } from './permissions.js';

/** The Mailroom API as a local Entra registers it: the permissions are those that the API itself declares. */
export const mailroomRegistration = {
  displayName: 'Mailroom API',
  clientId: '7e570000-0000-4000-8000-0000000000f1',
  requestedAccessTokenVersion: 2,
  permissions,
} as const satisfies ApplicationDescription;

/** An application's token, asked for at the token endpoint as curl or any OAuth client would. */
export async function applicationToken(origin: string, tenantId: string, clientId: string, secret: string) {
  const response = await fetch(`${origin}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: `api://${mailroomRegistration.clientId}/.default`,
    }),
  });
  const answer = (await response.json()) as { access_token?: string; error_description?: string };
  if (!answer.access_token) {
    throw new Error(answer.error_description);
  }
  return answer.access_token;
}
