import { type InventoryOptions, isAppOrRouter } from '../express/index.js';
import { loadModule } from './load-module.js';
import { UsageError } from './verb.js';

/** An app, and what its module says is mounted in it. */
export interface LoadedApp {
  readonly app: object;
  readonly mounted: NonNullable<InventoryOptions['mounted']>;
}

/**
 * The Express app that a module exports: by the name that was given, as its default, as `app`, or the one export that is one. A function
 * without parameters, such as `createApp`, is called. What the module prints goes to standard error.
 *
 * @throws UsageError that names the file
 */
export async function loadApp(file: string | undefined, name: string | undefined): Promise<LoadedApp> {
  if (file === undefined) throw new UsageError('name the module that exports the Express app, like src/app.ts.');
  const exported = await toStandardError(() => loadModule(file));
  if (name !== undefined && !Object.hasOwn(exported, name)) {
    throw new UsageError(
      `${file}: has no export ${name}. It exports ${Object.keys(exported).join(', ') || 'nothing'}.`,
    );
  }
  const found = name === undefined ? find(exported) : exported[name];
  const app = isAppOrRouter(found) ? found : await toStandardError(() => callFactory(found, file));
  if (!isAppOrRouter(app)) {
    throw new UsageError(
      `${file}: export the Express app, as in export const app = express(); or name its export: --export <name>.`,
    );
  }
  // Where the app itself is mounted is of no matter to it.
  const mounted: LoadedApp['mounted'] = Array.isArray(exported.mounted) ? exported.mounted : [];
  return { app, mounted: mounted.filter((each) => each?.app !== app) };
}

function find(exported: Readonly<Record<string, unknown>>): unknown {
  const named = [exported.default, exported.app].find(isAppOrRouter);
  return named ?? Object.values(exported).find(isAppOrRouter) ?? exported.createApp ?? exported.default;
}

async function callFactory(factory: unknown, file: string): Promise<unknown> {
  if (typeof factory !== 'function') return undefined;
  const name = factory.name || 'the function';
  if (factory.length > 0) {
    throw new UsageError(
      `${file}: ${name} takes arguments, which only you know. Write a module that calls it and exports what it returns: export const app = ${name}(…);`,
    );
  }
  try {
    return await factory();
  } catch (error) {
    throw new UsageError(`${file}: ${name}() failed: ${error instanceof Error ? error.message : error}`);
  }
}

/** Standard output is for the answer alone, as others read it: what an app has to say as it starts is not part of it. */
async function toStandardError<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}
