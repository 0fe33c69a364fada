import { noCredential } from '../aadsts.js';
import { issueApplicationToken } from '../tokens/issue-application-token.js';
import { authenticateClient } from './authenticate-client.js';
import { knownClient } from './known-client.js';
import { requestedResource } from './requested-resource.js';
import { tokenAnswer } from './token-answer.js';
import { type GrantType, requiredTenant } from './token-request.js';

/** A client asks as itself, and gets every app role that an administrator granted it. */
export const clientCredentials: GrantType = (request) => {
  const tenantId = requiredTenant(request);
  const { application, clientAuthentication } = authenticateClient(request);
  if (clientAuthentication === 'none') {
    throw noCredential();
  }
  const { resource, audience } = requestedResource(request, tenantId);
  const client = knownClient(request.entra.directory, application.clientId, tenantId);
  const issued = issueApplicationToken(request.entra, { client, clientAuthentication, resource, audience });
  return tokenAnswer(request, issued, audience);
};
