import { type Holders, holdersOfRole, holdersOfScope } from './holders.js';
import type { AppRole, Manifest, PermissionScope } from './registration.js';

/** One difference between what is declared and what is registered: what would have to be done to the registration. */
export interface Change {
  /** `narrow`: an app role would be for others than it is. */
  readonly action: 'create' | 'update' | 'disable' | 'enable' | 'narrow' | 'remove';
  readonly of: 'app role' | 'scope' | 'optional claim';
  /** The `value` of the permission; of a role without one its id; the name of a claim. */
  readonly value: string;
  readonly message: string;
  /** Who has the permission: clients by name, users as a number. Undefined where nobody looked. */
  readonly touches?: string;
}

/** What of a registration is not as it is declared. */
export function changesBetween(declared: Manifest, registered: Manifest, holders?: Holders): readonly Change[] {
  return [
    ...changesOf(roleRules, declared.appRoles, registered.appRoles, holders),
    ...changesOf(scopeRules, declared.api.oauth2PermissionScopes, registered.api.oauth2PermissionScopes, holders),
    ...claimChanges(declared, registered),
  ];
}

/** What `--remove` and messages call a permission. */
export function nameOf({ value, id }: Pick<AppRole | PermissionScope, 'value' | 'id'>): string {
  return value ?? id;
}

export function isForOthers(declared: AppRole, registered: AppRole): boolean {
  const types = new Set(declared.allowedMemberTypes);
  return (
    types.size !== registered.allowedMemberTypes.length ||
    registered.allowedMemberTypes.some((type) => !types.has(type))
  );
}

/** What differs between the two collections. */
interface Rules<T> {
  readonly of: 'app role' | 'scope';
  readonly compared: readonly (keyof T & string)[];
  readonly missing: (permission: T) => string;
  readonly holders: (holders: Holders, permission: T) => string;
}

const roleRules: Rules<AppRole> = {
  of: 'app role',
  compared: ['displayName', 'description'],
  missing: ({ allowedMemberTypes }) =>
    `is not registered: ${allowedMemberTypes.includes('Application') ? 'no client' : 'no user'} can be granted it`,
  holders: (holders, { id }) => holdersOfRole(holders, id),
};

const scopeRules: Rules<PermissionScope> = {
  of: 'scope',
  compared: [
    'type',
    'adminConsentDisplayName',
    'adminConsentDescription',
    'userConsentDisplayName',
    'userConsentDescription',
  ],
  missing: () => 'is not registered: no client can ask for it',
  holders: (holders, { value }) => holdersOfScope(holders, value ?? ''),
};

function changesOf<T extends AppRole | PermissionScope>(
  { of, compared, missing, holders: holdersOf }: Rules<T>,
  declared: readonly T[],
  registered: readonly T[],
  holders: Holders | undefined,
): readonly Change[] {
  const change = (action: Change['action'], permission: T, message: string): Change => ({
    action,
    of,
    value: nameOf(permission),
    message,
    ...(action !== 'create' && holders && { touches: holdersOf(holders, permission) }),
  });
  const found = declared.flatMap((permission): readonly Change[] => {
    const before = registered.find(({ value }) => value === permission.value);
    if (before === undefined) {
      return [change('create', permission, missing(permission))];
    }
    const differing = compared.filter((member) => permission[member] !== before[member]);
    return [
      ...(differing.length === 0
        ? []
        : [
            change(
              'update',
              before,
              differing.map((member) => from(member, before[member], permission[member])).join('; '),
            ),
          ]),
      ...(permission.isEnabled === before.isEnabled ? [] : [switched(change, permission, before)]),
      ...('allowedMemberTypes' in permission && 'allowedMemberTypes' in before && isForOthers(permission, before)
        ? [change('narrow', before, narrowing(permission, before))]
        : []),
    ];
  });
  const gone = registered
    .filter(({ value }) => !declared.some((permission) => permission.value === value))
    .map((permission) => change('remove', permission, 'is registered, and not in the catalogue'));
  return [...found, ...gone];
}

function from(member: string, before: unknown, after: unknown): string {
  return `${member} ${JSON.stringify(before)} becomes ${JSON.stringify(after)}`;
}

function switched<T extends AppRole | PermissionScope>(
  change: (action: Change['action'], permission: T, message: string) => Change,
  { isEnabled }: T,
  before: T,
): Change {
  return isEnabled
    ? change('enable', before, 'is disabled, and enabled in the catalogue')
    : change(
        'disable',
        before,
        'is enabled, and disabled in the catalogue; who has it keeps it in tokens until it is revoked, and the API refuses it',
      );
}

function narrowing(declared: AppRole, registered: AppRole): string {
  const [before, after] = [registered, declared].map(({ allowedMemberTypes }) =>
    [...allowedMemberTypes].sort().join(' and '),
  );
  return `is registered for ${before}, and declared for ${after}`;
}

function claimChanges(declared: Manifest, registered: Manifest): readonly Change[] {
  return declared.optionalClaims.accessToken.flatMap((claim): readonly Change[] => {
    const before = registered.optionalClaims.accessToken.find(({ name }) => name === claim.name);
    const missing = claim.additionalProperties.filter((property) => !before?.additionalProperties.includes(property));
    if (before && missing.length === 0) {
      return [];
    }
    const message = before ? `lacks ${missing.join(', ')}` : 'is not asked for in access tokens';
    return [{ action: before ? 'update' : 'create', of: 'optional claim', value: claim.name, message }];
  });
}
