import { unknownTenant } from '../aadsts.js';
import { isTenantIndependent, type Version } from '../documents.js';
import type { Endpoint } from '../endpoints.js';
import { answerTokenRequest } from '../grants/answer-token-request.js';
import { formOf, readForm } from './read-form.js';

const paths: readonly (readonly [string, Version])[] = [
  ['/:tenant/oauth2/v2.0/token', 2],
  ['/:tenant/oauth2/token', 1],
];

/** The token endpoints: every grant type goes through them. */
export const token: Endpoint = (app, entra) => {
  for (const [path, version] of paths) {
    app.post(path, readForm, (req, res) => {
      const tenantName = String(req.params.tenant).toLowerCase();
      const tenantId = entra.directory.tenant(tenantName)?.tenantId;
      if (tenantId === undefined && !isTenantIndependent(tenantName)) {
        throw unknownTenant(tenantName, 'invalid_request');
      }
      const answer = answerTokenRequest({
        entra,
        tenantName,
        tenantId,
        version,
        form: formOf(req),
        authorization: req.headers.authorization,
        pageOrigin: req.headers.origin,
      });
      res.set('Cache-Control', 'no-store').json(answer);
    });
  }
};
