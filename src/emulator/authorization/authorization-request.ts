import {
  codeChallengeInvalid,
  codeChallengeRequired,
  implicitNotEnabled,
  missingParameter,
  responseModeUnsupported,
  responseTypeUnsupported,
} from '../aadsts.js';
import type { Version } from '../documents.js';
import type { CodeChallenge } from '../grants/authorization-codes.js';
import { scopeOf } from '../grants/requested-scopes.js';
import type { ReplyAddress } from './reply-address.js';
import type { SignInRequest } from './sign-in-request.js';

/** A request at an authorization endpoint whose reply address is known to be the client's. */
export interface AuthorizationRequest extends SignInRequest {
  readonly version: Version;
  readonly responseTypes: ReadonlySet<ResponseType>;
  readonly codeChallenge: CodeChallenge | undefined;
  readonly nonce: string | undefined;
}

export type ResponseType = 'code' | 'id_token' | 'token';

/** Throws what the client is told at its reply address. */
export function authorizationRequest(
  reply: ReplyAddress,
  version: Version,
  parameters: URLSearchParams,
): AuthorizationRequest {
  const { application, tenantId, tenantName, platform } = reply;
  const responseTypes = responseTypesOf(parameters);
  checkImplicit(reply, responseTypes);
  const responseMode = parameters.get('response_mode');
  const modes =
    responseTypes.has('code') && responseTypes.size === 1
      ? ['query', 'fragment', 'form_post']
      : ['fragment', 'form_post'];
  if (responseMode && !modes.includes(responseMode)) {
    throw responseModeUnsupported(responseMode, [...responseTypes].join(' '));
  }
  const nonce = parameters.get('nonce') ?? undefined;
  if (responseTypes.has('id_token') && !nonce) {
    throw missingParameter('nonce');
  }
  const codeChallenge = codeChallengeOf(parameters);
  if (platform === 'spa' && responseTypes.has('code') && !codeChallenge) {
    throw codeChallengeRequired();
  }
  const scope = scopeOf(version, parameters);
  if (!scope && version === 2) {
    throw missingParameter('scope');
  }
  return {
    application,
    tenantId,
    tenantName,
    version,
    scope: scope ?? 'openid profile offline_access',
    loginHint: parameters.get('login_hint') || undefined,
    prompt: parameters.get('prompt') || undefined,
    responseTypes,
    codeChallenge,
    nonce,
  };
}

function responseTypesOf(parameters: URLSearchParams): ReadonlySet<ResponseType> {
  const given = parameters.get('response_type');
  if (!given) {
    throw missingParameter('response_type');
  }
  const types = given.split(' ').filter((type) => type !== '');
  const known = types.filter(
    (type): type is ResponseType => type === 'code' || type === 'id_token' || type === 'token',
  );
  if (known.length === 0 || known.length < types.length) {
    throw responseTypeUnsupported(given);
  }
  return new Set(known);
}

function checkImplicit({ application }: ReplyAddress, responseTypes: ReadonlySet<ResponseType>): void {
  const { clientId, implicitGrantSettings } = application;
  if (responseTypes.has('token') && !implicitGrantSettings.enableAccessTokenIssuance) {
    throw implicitNotEnabled('token', clientId);
  }
  if (responseTypes.has('id_token') && !implicitGrantSettings.enableIdTokenIssuance) {
    throw implicitNotEnabled('id_token', clientId);
  }
}

function codeChallengeOf(parameters: URLSearchParams): CodeChallenge | undefined {
  const value = parameters.get('code_challenge');
  if (!value) {
    return undefined;
  }
  const method = parameters.get('code_challenge_method') ?? 'plain';
  if ((method !== 'S256' && method !== 'plain') || !/^[\w.~-]{43,128}$/.test(value)) {
    throw codeChallengeInvalid();
  }
  return { method, value };
}
