import { type DelegatedPermission, limitsOf } from '../../permissions/index.js';
import { type ApiDescription, operationName } from '../api-description.js';
import { cell } from './cell.js';

/** What there is to know about one permission: what people read before they consent, and what it opens. */
export function permissionPage(name: string, { catalogue, operations }: ApiDescription): string {
  const { application, delegated, userRole } = catalogue[name] ?? {};
  const kinds = [
    { title: 'Application', permission: application, consent: 'Yes' },
    { title: 'Delegated', permission: delegated, consent: delegated?.consent === 'user' ? 'No' : 'Yes' },
    { title: 'User role', permission: userRole, consent: 'Assigned by an admin' },
  ];
  const there = kinds.flatMap(({ permission, ...kind }) => (permission === undefined ? [] : [{ ...kind, permission }]));
  const row = (title: string, of: (kind: (typeof there)[number]) => string) => [title, ...there.map(of)];
  const table = [
    row('Category', ({ title }) => title),
    row(':---', () => ':---'),
    row('DisplayText', ({ permission }) => cell(permission.displayName)),
    row('Description', ({ permission }) => cell(permission.description)),
    ...userTexts(
      delegated,
      there.map(({ title }) => title),
    ),
    row('AdminConsentRequired', ({ consent }) => consent),
    ...(there.some(isSwitchedOff)
      ? [row('State', (kind) => (isSwitchedOff(kind) ? 'Switched off: it opens nothing' : 'Enabled'))]
      : []),
  ];
  const opened = operations.flatMap((operation) =>
    operation.alternatives
      .filter(({ permissions, grants }) => permissions.includes(name) || grants.some((each) => each.userRole === name))
      .map(({ kind, permissions, grants }) => {
        const others = permissions.filter((each) => each !== name);
        const demands = [...others.map((each) => `together with ${each}`), ...new Set(grants.flatMap(limitsOf))];
        return `|\`${operationName(operation)}\`|${kind}|${cell(demands.join('; ')) || '–'}|`;
      }),
  );
  return [
    `# ${cell(name)}`,
    table.map((cells) => `|${cells.join('|')}|`).join('\n'),
    '## Operations',
    opened.length === 0
      ? 'It opens no operation.'
      : ['|Operation|As|Limits|', '|:---|:---|:---|', ...new Set(opened)].join('\n'),
  ].join('\n\n');
}

function isSwitchedOff({ permission }: { readonly permission: { readonly enabled?: boolean } }): boolean {
  return permission.enabled === false;
}

/** What a user reads who may consent: a row of its own, for delegated permissions alone. */
function userTexts(delegated: DelegatedPermission | undefined, titles: readonly string[]): readonly string[][] {
  const texts = delegated?.toUser;
  if (texts === undefined) return [];
  const row = (title: string, text: string) => [title, ...titles.map((each) => (each === 'Delegated' ? text : '–'))];
  return [row('UserDisplayText', cell(texts.displayName)), row('UserDescription', cell(texts.description))];
}
