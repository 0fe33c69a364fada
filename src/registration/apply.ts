import { explained } from './explained.js';
import type { GraphClient } from './graph-client.js';
import { isSameManifest, type Plan } from './plan.js';
import { readFromGraph } from './read-from-graph.js';
import type { Manifest } from './registration.js';

export interface ApplyOptions {
  /** Told what is being done or waited for, in a line each. */
  readonly progress?: (line: string) => void;
}

/** How often, a second apart, it is looked whether Entra shows what it has accepted. */
const LOOKS = 30;

/**
 * Does what was planned. Reads the registration again first, and writes nothing where it is not what was planned for. A plan
 * without steps asks nothing but that. Where it stops halfway, a new plan goes on from there.
 *
 * It takes `Application.ReadWrite.OwnedBy` and the registration among what the client owns; or a user who owns it or
 * administers applications, with `Application.ReadWrite.All`.
 *
 * @throws Error where the registration was changed since it was planned for; GraphRequestError for what Entra refuses
 */
export async function apply(
  graph: GraphClient,
  { before, steps }: Plan,
  { progress = () => {} }: ApplyOptions = {},
): Promise<void> {
  const now = await readFromGraph(graph, before.appId);
  if (!isSameManifest(now, before)) {
    throw new Error('The registration was changed since the plan was made, and nothing was written: make a new plan.');
  }
  let last: Manifest = now;
  for (const [index, step] of steps.entries()) {
    progress(index < steps.length - 1 ? 'Disabling what is removed or becomes for others' : 'Writing');
    await explained(graph.patch(`/applications/${now.id}`, bodyOf(last, step)), {
      denied:
        'Writing takes Application.ReadWrite.OwnedBy and a client that owns the registration, or a user who owns it or administers applications.',
    });
    last = step;
    if (index < steps.length - 1) {
      await untilShown(graph, before.appId, step, progress);
    }
  }
}

/** Both collections together: what has one id in both may change only at the same time. */
function bodyOf(before: Manifest, { optionalClaims, ...permissions }: Manifest): object {
  const isOther = !isSameManifest({ ...before, optionalClaims }, { ...permissions, optionalClaims });
  const asksForMore = !isSameManifest(
    { ...permissions, optionalClaims: before.optionalClaims },
    { ...permissions, optionalClaims },
  );
  return { ...(isOther && permissions), ...(asksForMore && { optionalClaims }) };
}

/** Entra answers from copies that lag behind: a removal is refused as long as the one asked still shows it enabled. */
async function untilShown(
  graph: GraphClient,
  clientId: string,
  step: Manifest,
  progress: (line: string) => void,
): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    if (isShown(step, await readFromGraph(graph, clientId))) {
      return;
    }
    progress(`Waiting for Entra to show what it has accepted (${look} of ${LOOKS})`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('Entra does not show yet what it has accepted: apply again in a minute, it goes on from there.');
}

function isShown(step: Manifest, now: Manifest): boolean {
  const enabled = new Set(
    [...now.appRoles, ...now.api.oauth2PermissionScopes].filter(({ isEnabled }) => isEnabled).map(({ id }) => id),
  );
  return ![...step.appRoles, ...step.api.oauth2PermissionScopes].some(
    ({ id, isEnabled }) => !isEnabled && enabled.has(id),
  );
}
