import { ConfigurationError } from '../errors/index.js';
import { refuseReplaced, rememberMethod } from './replaced.js';

type Place = 'a class' | 'a method' | 'a static member' | 'a #private member' | 'a property, accessor or parameter';

/**
 * The function that a decorator stands on, whether it is called as the standard says (value, context) or by TypeScript's
 * `experimentalDecorators` (class; or prototype, name, descriptor). Sees to it that a method remains that function.
 *
 * @throws ConfigurationError where it stands on something else than is wanted
 */
export function targetOf(decorator: string, args: readonly unknown[], ...wanted: readonly Place[]): object {
  const [value, context] = args;
  const { place, name, target, watch } = isStandardContext(context) ? standard(value, context) : legacy(args);
  if (target === undefined || !wanted.includes(place)) {
    throw new ConfigurationError(`${decorator} is put on ${wanted.join(' or ')}, but '${name}' is ${place}.`);
  }
  if (place === 'a method') watch(target);
  return target;
}

interface Found {
  readonly place: Place;
  readonly name: string;
  /** Undefined: there is no function. */
  readonly target: object | undefined;
  /** Of a method. */
  readonly watch: (method: object) => void;
}

type StandardContext = Pick<DecoratorContext, 'kind' | 'name'> & {
  readonly static?: boolean;
  readonly private?: boolean;
  addInitializer(initializer: (this: object) => void): void;
};

function isStandardContext(value: unknown): value is StandardContext {
  return typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string';
}

function standard(value: unknown, context: StandardContext): Found {
  const { name = '' } = context;
  return {
    place: placeOf(context),
    name: String(name),
    target: asFunction(value),
    watch: (method) =>
      context.addInitializer(function (this: object) {
        refuseReplaced(this, name, method);
      }),
  };
}

function placeOf(context: StandardContext): Place {
  if (context.kind === 'class') return 'a class';
  if (context.static === true) return 'a static member';
  if (context.private === true) return 'a #private member';
  return context.kind === 'method' ? 'a method' : 'a property, accessor or parameter';
}

function legacy([holder, name, descriptor]: readonly unknown[]): Found {
  if (name === undefined && descriptor === undefined) {
    const target = asFunction(holder) as { readonly name?: string } | undefined;
    return { place: 'a class', name: String(target?.name), target, watch: () => {} };
  }
  const target = asFunction((descriptor as PropertyDescriptor | undefined)?.value);
  const place = target === undefined ? 'a property, accessor or parameter' : 'a method';
  return {
    place: typeof holder === 'function' ? 'a static member' : place,
    name: String(name),
    target,
    watch: (method) => rememberMethod(holder as object, name as string | symbol, method),
  };
}

function asFunction(value: unknown): object | undefined {
  return typeof value === 'function' ? value : undefined;
}
