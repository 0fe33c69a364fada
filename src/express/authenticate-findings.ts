import type { Finding } from './finding.js';
import type { RouteEntry, Walk } from './routes.js';
import type { Step } from './step.js';

/** What asks who is calling: a path of a route, or the first operation that a middleware brings. */
interface Asking {
  readonly method: string;
  readonly path: string;
  readonly authenticate: Place | undefined;
}

/** Where `authenticate` is not before what asks who is calling. */
export function authenticateFindings({ routes, carried }: Walk): readonly Finding[] {
  const asking: readonly Asking[] = [
    ...routes.flatMap((route) => {
      const authenticate = placeOf(route);
      return route.templates.map(({ path }) => ({ method: route.method, path, authenticate }));
    }),
    ...carried.flatMap((each) =>
      each.operations.slice(0, 1).map((first) => ({ ...first, authenticate: placeOf(each) })),
    ),
  ];
  return [
    ...asking
      .filter(({ authenticate }) => authenticate === 'after')
      .map(({ method, path }) => ({
        code: 'late_authenticate',
        message: `${method} ${path}: authenticate stands after what asks who is calling, which refuses everyone. Move authenticate up.`,
        method,
        path,
      })),
    ...unseen(asking.filter(({ authenticate }) => authenticate === 'unseen')),
  ];
}

type Place = 'before' | 'after' | 'unseen';

/** As seen from the first step that asks who is calling; undefined where none does. */
function placeOf({
  steps,
  isBeforeAuthenticate,
}: Pick<RouteEntry, 'steps' | 'isBeforeAuthenticate'>): Place | undefined {
  const first = steps.findIndex(asksForCaller);
  if (first < 0) return undefined;
  if (steps.slice(0, first).some(({ kind }) => kind === 'authenticate')) return 'before';
  const isAfter = steps.slice(first).some((step) => step.kind === 'authenticate' && step.isCertain);
  return isAfter || isBeforeAuthenticate ? 'after' : 'unseen';
}

function asksForCaller(step: Step): boolean {
  return step.kind === 'operations' || (step.kind === 'declaration' && step.declaration.kind === 'allow');
}

/** Routes of one app usually lack it together: one finding for all. It may stand where it cannot be seen. */
function unseen([first, ...others]: readonly Asking[]): readonly Finding[] {
  if (first === undefined) return [];
  const { method, path } = first;
  const where = `${method} ${path}${others.length === 0 ? '' : ` and ${others.length} more`}`;
  const message = `${where}: no authenticate can be seen before what asks who is calling. Unless it is in a parent app or in a function of yours, add app.use(authenticate({ … })) before the routes.`;
  return [{ code: 'no_authenticate', message, ...(others.length === 0 && { method, path }) }];
}
