import { ConfigurationError } from '../errors/index.js';
import { type Member, membersOf } from './members.js';

/** Of a prototype, for legacy decorators: the function that each decorated method had. Registered, as the decorations are. */
const key = Symbol.for('express-app-roles.decorated-methods');
type Methods = ReadonlyMap<string | symbol, object>;

/**
 * What is said of a method is kept by its function. Were another decorator to put a function of its own in its place, the method
 * would lose its `@Allow`, and fall to the wider one of its class. So each decorated method is remembered by its name.
 *
 * @throws ConfigurationError where another function of that name was decorated before
 */
export function rememberMethod(prototype: object, name: string | symbol, method: object): void {
  const methods = rememberedOf(prototype);
  const before = methods?.get(name);
  if (before !== undefined && before !== method) throw replaced(name);
  Object.defineProperty(prototype, key, { value: new Map(methods).set(name, method), configurable: true });
}

/** Whether a member of a prototype stands where another function was decorated. */
export function isReplaced({ holder, key: name, value }: Member): boolean {
  const method = rememberedOf(holder)?.get(name);
  return method !== undefined && method !== value;
}

/** The same for standard decorators, which see no prototype: asked of an object as it is made. */
export function refuseReplaced(object: object, name: string | symbol, method: unknown): void {
  if (!membersOf(object).some((each) => each.key === name && each.value === method)) throw replaced(name);
}

function rememberedOf(prototype: object): Methods | undefined {
  return Object.getOwnPropertyDescriptor(prototype, key)?.value;
}

function replaced(name: string | symbol): ConfigurationError {
  return new ConfigurationError(replacedMessage(String(name)));
}

export function replacedMessage(name: string): string {
  return `'${name}' was replaced by another decorator, and with it what @Allow, @Public or its route say is lost. Put that decorator below these, next to the method.`;
}
