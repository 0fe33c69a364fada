/** @import { PageData, PageOperation } from '../page-data.js' */
import { element } from './element.mjs';
import { explainLink, operationName } from './operation-name.mjs';

/**
 * The permission table of each operation.
 *
 * @param {PageData} data
 */
export function operationsView({ operations }) {
  return element(
    'section',
    {},
    element('h2', { tabindex: '-1' }, 'Operations'),
    element(
      'p',
      { class: 'lead' },
      'Any one permission of a row is enough. The least privileged one comes first: ask for that.',
    ),
    operations.map(card),
  );
}

/** @param {PageOperation} operation */
function card(operation) {
  const { name, access, rows, alternatives } = operation;
  const notes = alternatives
    .filter(({ limits }) => limits.length > 0)
    .map(({ kind, permissions, limits }) =>
      element('li', {}, element('b', {}, permissions.join(' and ')), ` (${kind}): ${limits.join('; ')}`),
    );
  return element(
    'article',
    { class: 'card', 'data-search': `${name} ${alternatives.flatMap(({ permissions }) => permissions).join(' ')}` },
    element('div', { class: 'card-head' }, element('h3', {}, operationName(operation)), explainLink(operation)),
    access === 'public' && element('p', {}, 'Anyone may call it, without a token too.'),
    access === 'undeclared' && element('p', {}, 'No one may call it: the route declares nothing.'),
    access === 'permissions' && table(rows, name),
    notes.length > 0 && element('ul', { class: 'notes' }, notes),
  );
}

/**
 * @param {PageOperation['rows']} rows
 * @param {string} name
 */
function table(rows, name) {
  const head = ['Permission type', 'Least privileged', 'Higher privileged'];
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Permissions of ${name}` },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          head.map((text) => element('th', { scope: 'col' }, text)),
        ),
      ),
      element('tbody', {}, rows.map(row)),
    ),
  );
}

/** @param {PageOperation['rows'][number]} row */
function row({ title, permissions: [least, ...higher] }) {
  const none = (/** @type {string} */ text) => element('span', { class: 'muted' }, text);
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, title),
    element('td', {}, least === undefined ? none('Not supported') : element('code', {}, least)),
    element(
      'td',
      {},
      least === undefined
        ? none('Not supported')
        : higher.length === 0
          ? none('Not available')
          : higher.flatMap((name, index) => [index > 0 ? ', ' : '', element('code', {}, name)]),
    ),
  );
}
