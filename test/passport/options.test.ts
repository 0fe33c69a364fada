import { ConfigurationError } from 'express-app-roles';
import { BearerStrategy } from 'express-app-roles/passport';
import { describe, expect, it } from 'vitest';
import {
  accept,
  appWith,
  authority,
  type Changes,
  call,
  clientId,
  dropIn,
  fetchFromAuthority,
  metadataOf,
  newTenant,
  tellCaller,
  tokensOf,
} from './api.js';

const tenant = newTenant();
const other = newTenant();
const as = tokensOf(tenant);
const v1Issuer = `https://sts.windows.net/${tenant}/`;
const v2Issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
const common = metadataOf('common');

const statusOf = async (changes: Changes, token: string, how = {}) =>
  (
    await call(
      appWith([dropIn(tenant, changes)], (app) => app.get('/', tellCaller), how),
      token,
    )
  ).status;

/** One line for each row of the table: what is written, which token comes, and what it gets. */
const good: [option: string, changes: Changes, token: string, status: number][] = [
  ['identityMetadata of v2.0', {}, as.user('Mail.Read'), 200],
  ['identityMetadata of v1.0', { identityMetadata: metadataOf(tenant, '') }, as.v1(['Mail.Read']), 200],
  ['identityMetadata of v2.0, a v1.0 token', {}, as.v1(['Mail.Read']), 200],
  ['identityMetadata, another tenant', {}, tokensOf(other).user('Mail.Read'), 401],
  [
    'identityMetadata of common, with tenants',
    { identityMetadata: common, tenants: [tenant] },
    as.user('Mail.Read'),
    200,
  ],
  [
    'identityMetadata of organizations, with a tenant that is not in tenants',
    { identityMetadata: metadataOf('organizations'), tenants: [other] },
    as.user('Mail.Read'),
    401,
  ],
  [
    'identityMetadata of common, with issuers',
    { identityMetadata: common, issuer: [v1Issuer, v2Issuer] },
    as.user('Mail.Read'),
    200,
  ],
  [
    'identityMetadata of common, tid of one tenant and iss of another',
    { identityMetadata: common, tenants: [tenant, other] },
    as.user('Mail.Read', { tid: other }),
    401,
  ],
  ['audience: the client id', { audience: clientId }, as.user('Mail.Read'), 200],
  ['audience: an App ID URI', { audience: 'api://orders' }, as.v1(['Mail.Read'], { aud: 'api://orders' }), 200],
  ['audience, of another API', { audience: 'api://orders' }, as.v1(['Mail.Read'], { aud: 'api://other' }), 401],
  ['no audience: api:// and the client id', {}, as.v1(['Mail.Read'], { aud: `api://${clientId}` }), 200],
  ['no audience: spn: is not accepted', {}, as.v1(['Mail.Read'], { aud: `spn:${clientId}` }), 401],
  [
    'audience: spn: on request',
    { audience: [`spn:${clientId}`] },
    as.v1(['Mail.Read'], { aud: `spn:${clientId}` }),
    200,
  ],
  ['issuer of v1.0 with metadata of v2.0', { issuer: v1Issuer }, as.v1(['Mail.Read']), 200],
  ['issuer of v1.0, a v2.0 token', { issuer: v1Issuer }, as.user('Mail.Read'), 401],
  ['issuer, both', { issuer: [v1Issuer, v2Issuer] }, as.user('Mail.Read'), 200],
  ['validateIssuer: true', { validateIssuer: true }, as.user('Mail.Read'), 200],
  ['scope, any of', { scope: ['Mail.Write', 'Mail.Read'] }, as.user('Mail.Read'), 200],
  ['scope, none of', { scope: ['Mail.Write'] }, as.user('Mail.Read'), 403],
  ['scope, in another case', { scope: ['mail.read'] }, as.user('Mail.Read'), 403],
  ['scope, an application with a role', { scope: ['Mail.Read'] }, as.app(['Mail.Write']), 200],
  ['no scope, an application without a role', {}, as.app([]), 401],
  ['clockSkew: 300 by default', {}, as.user('Mail.Read', { nbf: 0, exp: Date.now() / 1000 - 200 }), 200],
  ['clockSkew: 0', { clockSkew: 0 }, as.user('Mail.Read', { nbf: 0, exp: Date.now() / 1000 - 5 }), 401],
  ['allowMultiAudiencesInToken: false', { allowMultiAudiencesInToken: false }, as.user('Mail.Read'), 200],
  ['isB2C: false', { isB2C: false }, as.user('Mail.Read'), 200],
  ['loggingLevel and loggingNoPII', { loggingLevel: 'info', loggingNoPII: false }, as.user('Mail.Read'), 200],
  ['ignoreExpiration: false', { ignoreExpiration: false }, as.user('Mail.Read', { nbf: 0, exp: 1 }), 401],
];

describe('the options of passport-azure-ad', () => {
  it.each(good)('%s', async (_option, changes, token, status) => {
    expect(await statusOf(changes, token)).toBe(status);
  });

  it('?appid= in identityMetadata asks for the keys of the API', async () => {
    const own = newTenant();
    const strategy = dropIn(own, { identityMetadata: `${metadataOf(own)}?appid=${clientId}` });
    await call(
      appWith([strategy], (app) => app.get('/', tellCaller)),
      tokensOf(own).user('Mail.Read'),
    ).expect(200);
    expect(authority.requests[0]).toContain(`?appid=${clientId}`);
  });

  it('External ID is read from its address', () => {
    for (const host of ['contoso.ciamlogin.com', `${tenant}.ciamlogin.com`]) {
      const identityMetadata = `https://${host}/${tenant}/v2.0/.well-known/openid-configuration`;
      expect(() => dropIn(tenant, { identityMetadata })).not.toThrow();
    }
  });

  const url = (rest: string) => `https://login.microsoftonline.com/${rest}`;
  const unsafe: [option: string, changes: Changes, wayOut: RegExp][] = [
    [
      'identityMetadata on http',
      { identityMetadata: metadataOf(tenant).replace('https', 'http') },
      /such as https:\/\//,
    ],
    ['identityMetadata of something else', { identityMetadata: url(tenant) }, /well-known\/openid-configuration/],
    [
      'identityMetadata on another host',
      { identityMetadata: metadataOf(tenant).replace('microsoftonline', 'evil') },
      /authority: 'https:\/\/login\.evil\.com'/,
    ],
    ['identityMetadata with a domain name', { identityMetadata: metadataOf('contoso.com') }, /az account show/],
    [
      'identityMetadata of B2C',
      { identityMetadata: `https://x.b2clogin.com/${tenant}/v2.0/.well-known/openid-configuration` },
      /Stay on passport-azure-ad/,
    ],
    [
      'identityMetadata of a B2C policy',
      { identityMetadata: `${metadataOf(tenant)}?p=b2c_1_in` },
      /Stay on passport-azure-ad/,
    ],
    [
      'identityMetadata with another query',
      { identityMetadata: `${metadataOf(tenant)}?appid=other` },
      /\?appid=<clientID>/,
    ],
    [
      'identityMetadata of common alone',
      { identityMetadata: common },
      /tenants: \['<GUID>', …\], a predicate, or tenants: 'any'/,
    ],
    [
      'authority of another host',
      { authority: 'https://login.contoso.com' },
      /authority: 'https:\/\/login\.microsoftonline\.com'/,
    ],
    ['personalAccounts of one tenant', { personalAccounts: true }, /a predicate or 'any'/],
    ['tenants beside a tenant', { tenants: [other] }, /Keep one/],
    ['tenants beside issuer', { identityMetadata: common, issuer: v2Issuer, tenants: [other] }, /Keep one/],
    ['clientID that is none', { clientID: 'orders' }, /application \(client\) ID/],
    ['audience that is empty', { audience: [] }, /Leave it out/],
    ['audience of an odd kind', { audience: {} }, /App ID URI/],
    ['audience of another application', { audience: other }, /clientID must be the API's own/],
    ['issuer of another cloud', { issuer: v2Issuer.replace('.com', '.us') }, new RegExp(`Write ${v1Issuer}`)],
    ['issuer without its slash', { issuer: v1Issuer.slice(0, -1) }, new RegExp(`Write ${v1Issuer}`)],
    ['issuer of another tenant', { issuer: `https://sts.windows.net/${other}/` }, /Write one tenant into both/],
    ['validateIssuer: false', { validateIssuer: false }, /tenants: \['<GUID>', …\], a predicate, or tenants: 'any'/],
    ['scope that is empty', { scope: [] }, /declare permissions on the routes/],
    ['scope that is no list', { scope: 'Mail.Read' }, /such as \['Mail.Read'\]/],
    ['clockSkew without a bound', { clockSkew: 999_999 }, /from 0 to 300/],
    ['allowMultiAudiencesInToken: true', { allowMultiAudiencesInToken: true }, /Remove it/],
    ['isB2C: true', { isB2C: true }, /Stay on passport-azure-ad/],
    ["isB2C: 'true', which was silently false", { isB2C: 'true' }, /Stay on passport-azure-ad/],
    ['policyName', { policyName: 'b2c_1_in' }, /Stay on passport-azure-ad/],
    ['proxy', { proxy: { host: 'proxy', port: '80', protocol: 'http' } }, /Give a fetch/],
    ['ignoreExpiration: true', { ignoreExpiration: true }, /clockSkew/],
    ['accessTokenInForm that is no boolean', { accessTokenInForm: 'yes' }, /true or false/],
    ['a misspelt name', { audiance: 'api://orders' } as Changes, /Did you mean 'audience'\?/],
    ['a name in another case', { clientId } as Changes, /Did you mean 'clientID'\?/],
    ['an unknown name', { responseType: 'code' } as Changes, /'responseType' is not an option\. Remove it/],
  ];

  it.each(unsafe)('%s: an error at start, with the way out', (_option, changes, wayOut) => {
    const make = () => dropIn(tenant, changes);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(wayOut);
  });

  it('without options or verify: an error at start', () => {
    expect(() => new BearerStrategy(undefined as never, accept)).toThrow(/the options are missing/);
    const options = { identityMetadata: metadataOf(tenant), clientID: clientId, fetch: fetchFromAuthority };
    expect(() => new BearerStrategy(options, undefined as never)).toThrow(/verify must be a function/);
  });

  it('tenantIdOrName of passport.authenticate is an error, not ignored', async () => {
    expect(await statusOf({}, as.user('Mail.Read'), { tenantIdOrName: tenant })).toBe(500);
  });
});
