import { noCredential } from '../aadsts.js';
import { issueApplicationToken } from '../tokens/issue-application-token.js';
import { authenticateClient } from './authenticate-client.js';
import { requestedResource } from './requested-resource.js';
import { type GrantType, requiredParameter } from './token-request.js';

/** A client asks as itself, and gets every app role that an administrator granted it. */
export const clientCredentials: GrantType = (request) => {
  const { client, clientAuthentication } = authenticateClient(request);
  if (clientAuthentication === 'none') {
    throw noCredential();
  }
  const { resource, audience } = requestedResource(request, requiredParameter(request, 'scope'));
  const { accessToken, expiresIn } = issueApplicationToken(request.entra, {
    client,
    clientAuthentication,
    resource,
    audience,
  });
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: accessToken };
};
