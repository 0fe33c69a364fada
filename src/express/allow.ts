import { checkGrants, type Grant } from '../permissions/index.js';
import { declare } from './declaration.js';
import { idInRoute } from './find-record.js';
import type { Middleware } from './middleware.js';
import { demandOf, ruleRequest } from './rule-request.js';

/**
 * Declares who may call a route: a caller for whom any one of the grants holds. List the least privileged first; the order
 * never changes an outcome. Several `allow` on one request must all pass.
 *
 * An anonymous request is 401; a caller without any of the permissions 403, before anything is looked up; then the records
 * that the grants name are loaded, each once, and an absent one is 404.
 *
 * @throws ConfigurationError where there is no grant, one repeats or swallows another, or they are of two catalogues
 */
export function allow(...grants: readonly [Grant, ...Grant[]]): Middleware {
  const checked = checkGrants(grants);
  const demand = demandOf(checked, idInRoute);

  return declare(
    function allow(req, res, next) {
      ruleRequest(req, res, next, allow, demand);
    },
    { kind: 'allow', grants: checked },
  );
}
