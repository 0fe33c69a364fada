import type { Catalogue } from '../permissions/index.js';
import type { Alternative } from './alternatives.js';
import type { ApiOperation } from './api-description.js';
import { isOfScheme, schemes, schemeTitles } from './scheme.js';

/** A row of an operation's permission table. */
export interface PermissionRow {
  readonly title: string;
  /** Least privileged first; none: not supported. */
  readonly permissions: readonly string[];
}

/** The rows of Microsoft Graph's documentation: one for each way of signing in. */
export function permissionRows({ alternatives }: ApiOperation, catalogue: Catalogue): readonly PermissionRow[] {
  return schemes.map((scheme) => ({
    title: schemeTitles[scheme],
    permissions: [...new Set(alternatives.filter((each) => isOfScheme(each, scheme, catalogue)).map(permissionText))],
  }));
}

/** `Mail.Read and Mail.Send`. */
export function permissionText({ permissions }: Alternative): string {
  return permissions.join(' and ');
}
