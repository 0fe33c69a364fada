/** @import { PageData, PageOperation } from '../page-data.js' */
import { element } from './element.mjs';
import { operationName } from './operation-name.mjs';

/** @typedef {{ kind: 'delegated' | 'application', name: string }} Column */

/**
 * Who may call what: a row for each operation, a column for each permission of each kind.
 *
 * @param {PageData} data
 */
export function matrixView({ operations, permissions }) {
  const kinds = /** @type {const} */ (['delegated', 'application']);
  const columns = kinds.flatMap((kind) =>
    permissions.filter((each) => each[kind] !== undefined).map(({ name }) => ({ kind, name })),
  );
  const groups = kinds.map((kind) => [kind, columns.filter((each) => each.kind === kind).length]);
  return element(
    'section',
    {},
    element('h2', { tabindex: '-1' }, 'Who may call what'),
    element(
      'p',
      { class: 'lead legend' },
      ...[
        mark('full'),
        ' opens it ',
        mark('limited'),
        ' opens it within limits ',
        mark('joint'),
        ' only together with others',
      ],
    ),
    element(
      'div',
      { class: 'scroll card', tabindex: '0', role: 'region', 'aria-label': 'Matrix' },
      element(
        'table',
        { class: 'matrix' },
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('td', {}),
            groups
              .filter(([, count]) => count !== 0)
              .map(([kind, count]) => element('th', { scope: 'colgroup', colspan: String(count) }, String(kind))),
          ),
          element(
            'tr',
            {},
            element('td', {}),
            columns.map(({ name }, index) =>
              element(
                'th',
                { scope: 'col', class: `upright ${first(columns, index) ?? ''}` },
                element('span', {}, name),
              ),
            ),
          ),
        ),
        element(
          'tbody',
          {},
          operations.map((operation) => row(operation, columns)),
        ),
      ),
    ),
  );
}

/**
 * @param {PageOperation} operation
 * @param {readonly Column[]} columns
 */
function row(operation, columns) {
  const { name, access, alternatives } = operation;
  return element(
    'tr',
    { 'data-search': `${name} ${alternatives.flatMap(({ permissions }) => permissions).join(' ')}` },
    element('th', { scope: 'row' }, operationName(operation)),
    access === 'public'
      ? element('td', { colspan: String(columns.length), class: 'muted' }, 'anyone')
      : columns.map((column, index) => element('td', { class: first(columns, index) }, whatOpens(operation, column))),
  );
}

/**
 * The class of the first column of a kind.
 *
 * @param {readonly Column[]} columns
 * @param {number} index
 */
function first(columns, index) {
  return index > 0 && columns[index]?.kind !== columns[index - 1]?.kind ? 'first' : undefined;
}

/**
 * @param {PageOperation} operation
 * @param {Column} column
 */
function whatOpens({ alternatives }, { kind, name }) {
  const own = alternatives.filter((each) => each.kind === kind && each.permissions.includes(name));
  const alone = own.filter(({ permissions }) => permissions.length === 1);
  if (own.length === 0) return undefined;
  if (alone.length === 0) return mark('joint', own.map(({ permissions }) => permissions.join(' and ')).join('; '));
  const limits = alone.map((each) => each.limits);
  return limits.some((each) => each.length === 0) ? mark('full') : mark('limited', limits.flat().join('; '));
}

const signs = { full: ['●', 'opens it'], limited: ['◐', 'within limits'], joint: ['+', 'together with others'] };

/**
 * @param {keyof typeof signs} which
 * @param {string} [detail]
 */
function mark(which, detail) {
  const [sign, text] = signs[which];
  return element(
    'span',
    { class: `mark ${which}`, role: 'img', 'aria-label': detail ?? text, title: detail ?? text },
    sign,
  );
}
