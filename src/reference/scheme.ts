import type { Scheme } from '../document/index.js';
import type { Catalogue } from '../permissions/index.js';
import type { Alternative } from './alternatives.js';

/** What Microsoft Graph's documentation calls the ways of using a permission, in its order. */
export const schemeTitles: Readonly<Record<Scheme, string>> = {
  DelegatedWork: 'Delegated (work or school account)',
  DelegatedPersonal: 'Delegated (personal Microsoft account)',
  Application: 'Application',
};

export const schemes = Object.keys(schemeTitles) as readonly Scheme[];

/** Whether callers of a scheme are admitted by it. */
export function isOfScheme({ kind, permissions, grants }: Alternative, scheme: Scheme, catalogue: Catalogue): boolean {
  if (scheme === 'Application' || kind !== 'delegated') return scheme === 'Application' && kind === 'application';
  const isPersonal = scheme === 'DelegatedPersonal';
  const isForAccount = grants.every(({ account }) => account === undefined || (account === 'personal') === isPersonal);
  return isForAccount && (!isPersonal || permissions.every((name) => catalogue[name]?.delegated?.personal === true));
}
