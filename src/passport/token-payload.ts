/**
 * The claims as a verify callback gets them: a copy, for each request. The names and types are those of
 * `@types/passport-azure-ad`; what each means is in the access token claims reference,
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference.
 */
export interface ITokenPayload {
  aud?: string | undefined;
  iss?: string | undefined;
  idp?: string | undefined;
  iat?: number | undefined;
  nbf?: number | undefined;
  exp?: number | undefined;
  aio?: string | undefined;
  acr?: '0' | '1' | undefined;
  amr?: string[] | undefined;
  appid?: string | undefined;
  azp?: string | undefined;
  appidacr?: '0' | '1' | '2' | undefined;
  azpacr?: '0' | '1' | '2' | undefined;
  preferred_username?: string | undefined;
  name?: string | undefined;
  scp?: string | undefined;
  roles?: string[] | undefined;
  groups?: string | string[] | undefined;
  hasgroups?: true | undefined;
  sub?: string | undefined;
  oid?: string | undefined;
  tid?: string | undefined;
  unique_name?: string | undefined;
  uti?: string | undefined;
  rh?: string | undefined;
  ver?: '1.0' | '2.0' | undefined;
  ipaddr?: string | undefined;
  onprem_sid?: string | undefined;
  pwd_exp?: number | undefined;
  pwd_url?: string | undefined;
  in_corp?: string | undefined;
  nickname?: string | undefined;
  family_name?: string | undefined;
  given_name?: string | undefined;
  upn?: string | undefined;
}
