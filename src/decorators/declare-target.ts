import { ConfigurationError } from '../errors/index.js';
import type { Middleware } from '../express/index.js';
import { decorate, decorationsOf } from './decorations.js';

/** @throws ConfigurationError where a method or class has a declaration already */
export function declareTarget(target: object, declaration: Middleware): void {
  if (decorationsOf(target)?.declaration !== undefined) {
    const { name } = target as { readonly name?: string };
    throw new ConfigurationError(
      `'${name}' has two declarations. Keep one: @Public(), or one @Allow(…) with every grant in it, of which any is enough.`,
    );
  }
  decorate(target, { declaration });
}
