import { missingParameter, unknownTenant } from '../aadsts.js';
import type { Application } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import { isTenantIndependent } from '../documents.js';
import { knownApplication } from '../grants/known-application.js';
import type { Platform } from '../grants/sign-in.js';
import { platformOf } from './redirect-uri.js';

/** Who asks, and where the answer may be sent. Until this is known, a refusal stays on this side. */
export interface ReplyAddress {
  readonly tenantName: string;
  readonly tenantId: string | undefined;
  readonly application: Application;
  readonly platform: Platform;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
}

export type ResponseMode = 'query' | 'fragment' | 'form_post';

export function replyAddress(directory: Directory, tenantSegment: string, parameters: URLSearchParams): ReplyAddress {
  const tenantName = tenantSegment.toLowerCase();
  const tenantId = directory.tenant(tenantName)?.tenantId;
  if (tenantId === undefined && !isTenantIndependent(tenantName)) {
    throw unknownTenant(tenantName, 'invalid_request');
  }
  const clientId = parameters.get('client_id');
  if (!clientId) {
    throw missingParameter('client_id');
  }
  const application = knownApplication(directory, clientId, { tenantId, tenantName });
  return {
    tenantName,
    tenantId,
    application,
    ...platformOf(application, parameters.get('redirect_uri')),
    responseMode: responseModeOf(parameters),
    state: parameters.get('state') ?? undefined,
  };
}

/** A mode that is none is refused later, in the usual way of the response type. */
function responseModeOf(parameters: URLSearchParams): ResponseMode {
  const given = parameters.get('response_mode');
  if (given === 'query' || given === 'fragment' || given === 'form_post') {
    const isQueryForTokens = given === 'query' && /token/.test(parameters.get('response_type') ?? '');
    return isQueryForTokens ? 'fragment' : given;
  }
  return /token/.test(parameters.get('response_type') ?? '') ? 'fragment' : 'query';
}
