import { ConfigurationError } from '../errors/index.js';
import type { Catalogue } from '../permissions/index.js';
import { authenticateFindings } from './authenticate-findings.js';
import { forgotten } from './express-layer.js';
import type { Finding } from './finding.js';
import { inventoryFindings } from './inventory-findings.js';
import { checkMounted, type Mounted } from './mounted.js';
import { addressOf, type Operation } from './operation.js';
import { type RouteOperation, routeFindings } from './route-findings.js';
import { isAppOrRouter, type RouteEntry, type Walk, walkApp } from './routes.js';
import type { Step } from './step.js';

/** What an API does, and who may call it. */
export interface Inventory {
  /** In the order of the routes; operations that a middleware brings, and no route is about, go first. */
  readonly operations: readonly Operation[];
  readonly findings: readonly Finding[];
}

export interface InventoryOptions {
  /** What `definePermissions` gave: to find permissions that no route uses. */
  readonly permissions?: { readonly catalogue: Catalogue };
  /**
   * Apps and routers that Express keeps in closures, and the full path of each: apps mounted in the app; on Express 4 and with
   * `router` older than 2.3 nested routers as well, whose path is not remembered; and what a function of your own calls.
   * Parameters are written with their names: `/tenants/:tenant`.
   */
  readonly mounted?: readonly Mounted[];
}

/**
 * Every operation of an Express app or router that can be seen: nested routers, apps mounted through routers, what `mounted` names,
 * and operations that a middleware decides by itself. Ask for it after the last route.
 *
 * NOT seen: handlers in `app.use` that answer by themselves (the guard of responses is for them), and routers that a function of
 * your own calls, unless `mounted` names them. A path that Express does not remember is reported, never guessed. Nothing is called but the
 * matchers of Express.
 *
 * @throws ConfigurationError where it is no app or router, or an option is not understood
 */
export function inventory(app: object, options: InventoryOptions = {}): Inventory {
  return takeInventory('inventory', app, options);
}

const optionNames: readonly (keyof InventoryOptions)[] = ['permissions', 'mounted'];

/** @param who the function that was called, for messages */
export function takeInventory(who: string, app: object, options: InventoryOptions): Inventory {
  if (!isAppOrRouter(app)) throw new ConfigurationError(`${who}(app) takes an Express app or a router.`);
  for (const name of Object.keys(Object(options))) {
    if (!(optionNames as readonly string[]).includes(name)) {
      throw new ConfigurationError(`${who}: '${name}' is not an option. The options are ${optionNames.join(', ')}.`);
    }
  }
  const { permissions, mounted = [] } = options;
  if (permissions !== undefined && typeof permissions?.catalogue !== 'object') {
    throw new ConfigurationError(`${who}: permissions is what definePermissions({ … }) returned.`);
  }
  const walk = walkApp(app, checkMounted(mounted, who));
  const routes = walk.routes.flatMap(readRoute);
  const operations = [
    ...walk.carried.flatMap((each) => readCarried(each, routes)),
    ...routes.filter(({ isRefused }) => !isRefused).map(({ operation }) => operation),
  ];
  return {
    operations,
    findings: [
      ...routes.flatMap(routeFindings),
      ...authenticateFindings(walk),
      ...inventoryFindings(operations, walk, permissions?.catalogue),
    ],
  };
}

function readRoute(route: RouteEntry): readonly RouteOperation[] {
  return route.templates.map(({ path, parameters }) => {
    const address = addressOf({ method: route.method, path });
    const listed: Operation[] = [];
    let isRefused = false;
    const sayings = route.steps.map((step) => {
      if (step.kind !== 'operations') return sayingOf(step);
      const found = step.operations.find((each) => addressOf(each) === address);
      if (found !== undefined) listed.push(found);
      else isRefused = true;
      return found ?? nothing;
    });
    const isPathKnown = !path.includes(forgotten);
    const operation = { method: route.method, path, isPathKnown, parameters, ...together(sayings) };
    return { operation, route, listed, isRefused };
  });
}

/** Operations of a middleware that no route is about: what stands behind them is not Express's, or decides by itself. */
function readCarried(
  { operations, steps }: Walk['carried'][number],
  routes: readonly RouteOperation[],
): readonly Operation[] {
  const before = steps.map(sayingOf);
  return operations
    .filter((operation) => !routes.some(({ listed }) => listed.includes(operation)))
    .map((operation) => ({ ...operation, ...together([...before, operation]) }));
}

type Saying = Pick<Operation, 'allows' | 'isPublic'>;

const nothing: Saying = { allows: [], isPublic: false };

function sayingOf(step: Step): Saying {
  if (step.kind !== 'declaration') return nothing;
  const { declaration } = step;
  return declaration.kind === 'public'
    ? { allows: [], isPublic: true }
    : { allows: [declaration.grants], isPublic: false };
}

/** Every `allow` must pass, so that one is enough to make what is public not public. */
function together(sayings: readonly Saying[]): Saying {
  const allows = sayings.flatMap((each) => each.allows);
  return { allows, isPublic: allows.length === 0 && sayings.some(({ isPublic }) => isPublic) };
}
