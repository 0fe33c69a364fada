import { ConfigurationError } from '../errors/index.js';
import { type ExpressLayer, forgotten, hidesApp, isAt, stackOf, type Template, templatesOf } from './express-layer.js';

/** An app or a router, and the full path at which it is mounted. */
export interface Mounted {
  readonly path: string;
  readonly app: object;
}

/**
 * Puts what was named in `mounted` to the layers that it stands for. State: which of it has been found.
 */
export class MountedPlaces {
  private readonly found = new Set<Mounted>();

  constructor(private readonly mounted: readonly Mounted[]) {}

  /** What is named for an app or a router that can be seen. */
  visible(layer: ExpressLayer, prefixes: readonly Template[]): readonly Template[] {
    return this.take(this.at(layer, prefixes).filter(({ app }) => app === layer.handle));
  }

  /** The app that is named for a closure of Express: the first, where several are at one path. */
  hidden(
    layer: ExpressLayer,
    prefixes: readonly Template[],
  ): { app: object; templates: readonly Template[] } | undefined {
    const wasMounted = ({ app }: Mounted) => (app as { readonly parent?: object }).parent !== undefined;
    const here = this.at(layer, prefixes).filter((each) => !this.found.has(each) && wasMounted(each));
    const [first] = here;
    return first && { app: first.app, templates: this.take(here.filter(({ app }) => app === first.app)) };
  }

  /** What may be called by a function of the application's own at this layer, if nothing else turns out to stand for it. */
  behind(layer: ExpressLayer, prefixes: readonly Template[]): readonly Mounted[] {
    const { handle } = layer;
    const mayCall =
      typeof handle === 'function' && handle.length < 4 && stackOf(handle) === undefined && !hidesApp(layer);
    return mayCall ? this.at(layer, prefixes) : [];
  }

  /** What has not been found. */
  rest(): readonly Mounted[] {
    return this.mounted.filter((each) => !this.found.has(each));
  }

  private at(layer: ExpressLayer, prefixes: readonly Template[]): readonly Mounted[] {
    return this.mounted.filter(({ path }) =>
      prefixes.some((prefix) => path.startsWith(prefix.path) && isAt(layer, path.slice(prefix.path.length) || '/')),
    );
  }

  private take(mounted: readonly Mounted[]): readonly Template[] {
    for (const each of mounted) this.found.add(each);
    return mounted.flatMap(({ path }) => templatesOf(path));
  }
}

/** @throws ConfigurationError that names the entry */
export function checkMounted(mounted: unknown, who: string): readonly Mounted[] {
  if (!Array.isArray(mounted))
    throw new ConfigurationError(`${who}: mounted is a list of { path: '/admin', app: adminApp }.`);
  for (const each of mounted as readonly Partial<Mounted>[]) {
    const { path, app } = each ?? {};
    if (typeof path !== 'string' || !path.startsWith('/') || path.includes(forgotten)) {
      throw new ConfigurationError(
        `${who}: each of mounted says where its app is, in full: { path: '/admin', app: adminApp }.`,
      );
    }
    if (stackOf(app) === undefined) {
      throw new ConfigurationError(`${who}: mounted '${path}' has no Express app or router as its app.`);
    }
  }
  return mounted as readonly Mounted[];
}
