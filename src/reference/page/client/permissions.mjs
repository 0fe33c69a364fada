/** @import { PageData } from '../page-data.js' */
import { element } from './element.mjs';
import { operationName } from './operation-name.mjs';

const titles = /** @type {const} */ ({ delegated: 'Delegated', application: 'Application', userRole: 'User role' });
const consents = { user: 'Users may consent for themselves.', admin: 'An admin consents.' };

/**
 * What each permission opens, and what is read before it is consented to.
 *
 * @param {PageData} data
 */
export function permissionsView(data) {
  return element(
    'section',
    {},
    element('h2', { tabindex: '-1' }, 'Permissions'),
    element(
      'p',
      { class: 'lead' },
      'What each permission is, in the words that people read before they consent, and what it opens.',
    ),
    data.permissions.map((permission) => card(permission, data)),
  );
}

/**
 * @param {PageData['permissions'][number]} permission
 * @param {PageData} data
 */
function card(permission, { operations }) {
  const { name } = permission;
  const kinds = /** @type {(keyof typeof titles)[]} */ (Object.keys(titles));
  return element(
    'article',
    { class: 'card', 'data-search': `${name} ${texts(permission)}` },
    element('h3', {}, element('code', {}, name)),
    element(
      'dl',
      {},
      kinds.flatMap((kind) => describe(permission, kind, operations)),
    ),
  );
}

/**
 * @param {PageData['permissions'][number]} permission
 * @param {keyof typeof titles} kind
 * @param {PageData['operations']} operations
 */
function describe(permission, kind, operations) {
  const declared = permission[kind];
  if (declared === undefined) return [];
  const toUser = 'toUser' in declared ? declared.toUser : undefined;
  const consent = 'consent' in declared ? consents[declared.consent] : 'An admin grants it.';
  const off = declared.enabled === false ? ' Switched off: it opens nothing.' : '';
  const opened = operations.flatMap((operation) => opens(permission.name, kind, operation));
  return [
    element('dt', {}, titles[kind]),
    element(
      'dd',
      {},
      element('b', {}, declared.displayName),
      element('p', {}, declared.description),
      toUser &&
        element(
          'p',
          {},
          element('span', { class: 'muted' }, 'To the user: '),
          `${toUser.displayName}. ${toUser.description}`,
        ),
      element('p', { class: 'muted' }, `${consent}${off}`),
      opened.length === 0
        ? element('p', { class: 'muted' }, 'It opens no operation.')
        : element('ul', { 'aria-label': `What ${permission.name} opens` }, opened),
    ),
  ];
}

/**
 * @param {string} name
 * @param {keyof typeof titles} kind
 * @param {PageData['operations'][number]} operation
 */
function opens(name, kind, operation) {
  const own = operation.alternatives.filter((each) =>
    kind === 'userRole' ? each.userRoles.includes(name) : each.kind === kind && each.permissions.includes(name),
  );
  return own.map(({ permissions, limits }) => {
    const others = permissions.filter((each) => each !== name).map((each) => `with ${each}`);
    const demands = [...others, ...limits].join('; ');
    return element('li', {}, operationName(operation), element('span', { class: 'muted' }, demands && ` ${demands}`));
  });
}

/** @param {PageData['permissions'][number]} permission */
function texts({ delegated, application, userRole }) {
  return [delegated, application, userRole]
    .map((each) => `${each?.displayName ?? ''} ${each?.description ?? ''}`)
    .join(' ');
}
