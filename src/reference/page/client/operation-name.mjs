/** @import { PageOperation } from '../page-data.js' */
import { element } from './element.mjs';

/**
 * `GET /users/:id`, set in type.
 *
 * @param {Pick<PageOperation, 'method' | 'path'>} operation
 */
export function operationName({ method, path }) {
  return element(
    'code',
    { class: 'operation' },
    element('span', { class: `method ${method.toLowerCase()}` }, method),
    ' ',
    path,
  );
}

/** @param {PageOperation} operation */
export function explainLink({ name }) {
  return element('a', { href: `#explain/${encodeURIComponent(name)}`, 'aria-label': `Explain ${name}` }, 'Explain');
}
