import { ConfigurationError } from '../errors/index.js';
import { type AuthorityOptions, authorityOf, type TokenVersion } from '../token/index.js';

/** An issuer that the application named. */
export interface NamedIssuer {
  readonly tenant: string;
  readonly version: TokenVersion;
}

const versions = ['1.0', '2.0'] as const;

/**
 * Reads `issuer`: which tenant, and which version of tokens, each stands for. Undefined where the application names none.
 *
 * @throws ConfigurationError where one is not what this cloud writes
 */
export function readIssuers(given: unknown, sources: readonly AuthorityOptions[]): readonly NamedIssuer[] | undefined {
  const issuers = (Array.isArray(given) ? given : [given]).filter((each) => each !== undefined && each !== null);
  if (issuers.length === 0 || given === '') return undefined;
  const authorities = sources.map((source) => authorityOf(source));
  return issuers.map((each: unknown) => {
    const [tenant = '<tenant GUID>'] = /[0-9a-f-]{36}/i.exec(String(each)) ?? [];
    const version = versions.find((candidate) => authorities.some(({ issuer }) => issuer(candidate, tenant) === each));
    if (version === undefined) {
      const forms = versions.flatMap((candidate) => authorities[0]?.issuer(candidate, tenant) ?? []);
      throw new ConfigurationError(
        `BearerStrategy: issuer '${String(each)}' issues no tokens in this cloud. Write ${forms.join(' (v1.0) or ')} (v2.0), or leave issuer out.`,
      );
    }
    return { tenant: tenant.toLowerCase(), version };
  });
}
