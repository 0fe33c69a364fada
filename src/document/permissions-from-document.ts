import type { Middleware } from '../express/index.js';
import { type Catalogue, definePermissions, type Permissions } from '../permissions/index.js';
import { checkDocument } from './check-document.js';
import { type CatalogueOf, documentCatalogue } from './document-catalogue.js';
import { documentOperations } from './document-operations.js';
import { enforceOperations } from './enforce.js';
import type { EnforceArguments, EnforceOptions } from './enforce-options.js';
import { enforcedOperations } from './enforced-operations.js';
import type { DocumentFinding } from './finding.js';
import type { PermissionsDocument } from './permissions-document.js';

/** The permissions of an API whose document says what they open. */
export interface DocumentPermissions<C extends Catalogue = Catalogue> extends Permissions<C> {
  /**
   * What is wrong in the document, or is not enforced. None of it opens anything, and none stops the start: a document is often
   * somebody else's. Who wants that writes `if (permissions.findings.length > 0) throw …`.
   */
  readonly findings: readonly DocumentFinding[];
  /**
   * The middleware that protects everything after it: it finds the operation by method and path, and decides as `allow` does.
   * The routes need no declaration; one that has an `allow` of its own must pass both.
   *
   * An anonymous request is 401, whatever its path. A path that the document does not have is 404, a method 405 with `Allow`;
   * so is what cannot be read in one way alone, such as `/a//b`, `/a/../b`, `/a%2Fb`, and `/%61dmin` where `/admin` is meant.
   * `OPTIONS` that the document does not have goes on undecided, to the preflight answers of Express or of a CORS middleware,
   * and opens no handler. `HEAD` is `GET`.
   *
   * Paths are those below the one that it is mounted at. Case, one slash at the end and the query do not count. A route that
   * is more particular than the template that was matched, and a method or path that is rewritten afterwards, are errors of
   * 500 and not passes.
   *
   * NOT checked: what `app.use` mounts where Express does not keep its path, handlers and on Express 4 the path of a router
   * (`app.use('/sites/export', handler)` answers what was decided as `/sites/{id}`); and what a document says of properties:
   * a path set that does opens nothing.
   *
   * @throws ConfigurationError where a permission whose name ends in `OwnedBy` or `Selected` has no rule on one of its paths,
   *   or an option names what the document does not have
   */
  enforce(this: void, ...options: EnforceArguments<C>): Middleware;
}

/**
 * The permissions of an API from its permissions document (`application/permissions+json`), the format in which Microsoft
 * keeps those of Microsoft Graph. The names and kinds of a JSON import are literal types.
 * Source: https://github.com/microsoftgraph/kibali/blob/main/specs/permissions.md
 *
 * ```ts
 * import document from './permissions.json' with { type: 'json' };
 * export const permissions = permissionsFromDocument(document);
 * ```
 *
 * ```ts
 * app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions }));
 * app.use(permissions.enforce({ records: { 'Mailbox.ReadWrite.OwnedBy': { '/mailboxes/{id}': mailbox } } }));
 * ```
 *
 * @throws ConfigurationError where it is not of the shape of such a document, or a name cannot be registered
 */
export function permissionsFromDocument<const D extends PermissionsDocument>(
  document: D,
): DocumentPermissions<CatalogueOf<D>> {
  const checked = checkDocument(document);
  const { entries, findings } = documentCatalogue(checked);
  const permissions = definePermissions<Catalogue>(entries as never);
  const operations = documentOperations(checked);
  return Object.freeze({
    ...permissions,
    findings: Object.freeze([...findings, ...operations.findings]),
    enforce: (options: EnforceOptions<Catalogue> = {}) =>
      enforceOperations(enforcedOperations(operations.paths.values(), permissions.catalogue, options)),
  }) as unknown as DocumentPermissions<CatalogueOf<D>>;
}
