import { createServer } from 'node:http';
import { issuer, tenantId } from './names.js';
import { jwk } from './tokens.js';

/** Serves metadata and one key on loopback, under the paths that Entra uses and whatever the tenant. */
export async function startAuthority() {
  const server = createServer((req, res) => {
    const isMetadata = req.url.includes('.well-known/openid-configuration');
    const body = isMetadata
      ? {
          issuer: req.url.includes('/v2.0/') ? issuer : `https://sts.windows.net/${tenantId}/`,
          jwks_uri: `${issuer.replace('/v2.0', '')}/discovery/v2.0/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        }
      : { keys: [jwk] };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
