import { missingParameter, unknownTenant } from '../aadsts.js';
import { isTenantIndependent, type Version } from '../documents.js';
import type { Endpoint } from '../endpoints.js';
import { DEVICE_CODE_EXPIRES_IN } from '../grants/device-codes.js';
import { knownApplication } from '../grants/known-application.js';
import { scopeOf } from '../grants/requested-scopes.js';
import { formOf, readForm } from './read-form.js';

const paths: readonly (readonly [string, Version])[] = [
  ['/:tenant/oauth2/v2.0/devicecode', 2],
  ['/:tenant/oauth2/devicecode', 1],
];

/** Seconds between two questions of a client. Entra says five; a test need not wait so long. */
const INTERVAL = 1;

/** Where a device without a browser asks for a code to show. */
export const deviceCode: Endpoint = (app, entra) => {
  for (const [path, version] of paths) {
    app.post(path, readForm, (req, res) => {
      const form = formOf(req);
      const tenantName = String(req.params.tenant).toLowerCase();
      const tenantId = entra.directory.tenant(tenantName)?.tenantId;
      if (tenantId === undefined && !isTenantIndependent(tenantName)) {
        throw unknownTenant(tenantName, 'invalid_request');
      }
      const clientId = form.get('client_id');
      if (!clientId) {
        throw missingParameter('client_id');
      }
      const application = knownApplication(entra.directory, clientId, { tenantId, tenantName });
      const scope = scopeOf(version, form);
      if (!scope) {
        throw missingParameter(version === 2 ? 'scope' : 'resource');
      }
      const request = { application, tenantName, tenantId, scope, loginHint: undefined, prompt: undefined };
      const code = entra.authorizations.deviceCodes.issue(request, version);
      const page = `${entra.origin}/devicelogin`;
      res.set('Cache-Control', 'no-store').json({
        user_code: code.userCode,
        device_code: code.deviceCode,
        [version === 2 ? 'verification_uri' : 'verification_url']: page,
        expires_in: version === 2 ? DEVICE_CODE_EXPIRES_IN : String(DEVICE_CODE_EXPIRES_IN),
        interval: version === 2 ? INTERVAL : String(INTERVAL),
        message: `To sign in, use a web browser to open the page ${page} and enter the code ${code.userCode} to authenticate.`,
      });
    });
  }
};
