import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A tenant of the range that local authorities use. */
export const tenantId = '7e570000-0000-4000-8000-00000000000a';
export const otherTenantId = '7e570000-0000-4000-8000-00000000000b';
export const clientId = 'a0000000-0000-4000-8000-0000000000a1';
export const callerClientId = 'c0000000-0000-4000-8000-0000000000c1';
export const userId = '0b000000-0000-4000-8000-000000000001';
export const servicePrincipalId = '5b000000-0000-4000-8000-000000000001';

export interface TestKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The `issuer` member of its entry in the v2.0 key set; undefined leaves it out. */
  readonly issuer?: string | undefined;
}

export function makeKey(kid: string, issuer?: string, modulusLength = 2048): TestKey {
  return { kid, issuer, ...generateKeyPairSync('rsa', { modulusLength }) };
}

export type Claims = Record<string, unknown>;

export interface Authority {
  /** Where it really listens. */
  readonly address: string;
  readonly origin: string;
  readonly key: TestKey;
  /** The keys that the key sets show; change it to roll over. */
  keys: TestKey[];
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** Answers instead of the documents, where it answers. */
  intercept: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined;
  /** Claims of a good v2.0 token of a user with `scp`. */
  user(scp: string, claims?: Claims): Claims;
  /** Claims of a good v2.0 token of an application with `roles`; none leaves the claim out. */
  application(roles: readonly string[], claims?: Claims): Claims;
  /** Signs claims; a header member of undefined is left out. */
  token(claims: Claims, header?: Claims, key?: TestKey): string;
  close(): Promise<void>;
}

/** A claims set as v1.0 has it: other names, another issuer, App ID URI as audience. */
export function asV1(claims: Claims, origin: string): Claims {
  const { azp, azpacr, ...rest } = claims;
  return {
    ...rest,
    ver: '1.0',
    iss: `${origin}/${claims.tid}/`,
    aud: `api://${clientId}`,
    appid: azp,
    appidacr: azpacr,
  };
}

/**
 * An authority on loopback that serves metadata and keys as Entra does, and signs whatever it is told to: good tokens and
 * bad ones alike.
 *
 * @param loginOrigin what its documents call it, where that is not its own address (a cloud behind a proxy)
 */
export async function startAuthority(loginOrigin?: string, stsOrigin?: string): Promise<Authority> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = loginOrigin ?? address;
  const key = makeKey('key-1', `${origin}/{tenantid}/v2.0`);

  function answer(req: IncomingMessage, res: ServerResponse): void {
    authority.requests.push(req.url ?? '');
    if (authority.intercept?.(req, res)) return;
    const [, tenant = '', ...rest] = (req.url ?? '').split('?')[0]?.split('/') ?? [];
    const path = rest.join('/');
    const v2 = path.includes('v2.0');
    const named = tenant === 'common' || tenant === 'organizations' ? '{tenantid}' : tenant;
    if (path.endsWith('.well-known/openid-configuration')) {
      send(res, {
        issuer: v2 ? `${origin}/${named}/v2.0` : `${stsOrigin ?? origin}/${named}/`,
        jwks_uri: `${origin}/${tenant}/discovery/${v2 ? 'v2.0/' : ''}keys`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (path.endsWith('keys')) {
      send(res, { keys: authority.keys.map((each) => toJwk(each, v2)) });
    } else {
      res.writeHead(404).end();
    }
  }

  const authority: Authority = {
    address,
    origin,
    key,
    keys: [key],
    requests: [],
    intercept: undefined,
    user: (scp, claims = {}) => ({
      ...common(origin),
      azpacr: '0',
      oid: userId,
      sub: 'pairwise-opaque-subject',
      scp,
      name: 'Ada',
      preferred_username: 'ada@contoso.test',
      ...claims,
    }),
    application: (roles, claims = {}) => ({
      ...common(origin),
      azpacr: '1',
      idtyp: 'app',
      oid: servicePrincipalId,
      sub: servicePrincipalId,
      ...(roles.length > 0 && { roles }),
      ...claims,
    }),
    token: (claims, header = {}, signer = key) =>
      signJwt({ typ: 'JWT', alg: 'RS256', kid: signer.kid, ...header }, claims, signer.privateKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return authority;
}

/** RS256 over any header and payload, sound or not. */
export function signJwt(header: Claims, claims: Claims, privateKey: KeyObject): string {
  return signText(JSON.stringify(header), JSON.stringify(claims), privateKey);
}

export function signText(header: string, payload: string, privateKey: KeyObject): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

function common(origin: string): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    ver: '2.0',
    iss: `${origin}/${tenantId}/v2.0`,
    aud: clientId,
    tid: tenantId,
    azp: callerClientId,
    iat: now,
    nbf: now,
    exp: now + 3600,
    uti: 'token-id',
  };
}

function toJwk({ kid, publicKey, issuer }: TestKey, v2: boolean): object {
  return {
    ...publicKey.export({ format: 'jwk' }),
    use: 'sig',
    kid,
    x5t: kid,
    ...(v2 && issuer !== undefined && { issuer }),
  };
}

function send(res: ServerResponse, body: object): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
