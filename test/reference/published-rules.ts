interface PublishedPermission {
  readonly schemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly pathSets: readonly {
    readonly schemeKeys: readonly string[];
    readonly methods: readonly string[];
    readonly alsoRequires?: string;
    readonly paths: Readonly<Record<string, string>>;
  }[];
}

export interface Published {
  readonly permissions: Readonly<Record<string, PublishedPermission>>;
}

const permissionMembers = 'note implicit ownerInfo schemes pathSets authorizationType documentationWebUrl'.split(' ');
const pathSetMembers = 'schemeKeys methods paths alsoRequires includedProperties excludedProperties'.split(' ');
const authorizationTypes = 'oAuth2 RSC preAuthZOnly entraRBAC exchangeRBAC sharePointACLs'.split(' ');
const schemeKeys = ['DelegatedWork', 'DelegatedPersonal', 'Application'];
const methods = 'GET PUT POST DELETE PATCH HEAD OPTIONS <ReadMethods> <WriteMethods>'.split(' ');

/** What microsoftgraph/kibali, specs/permissions.md and specs/permissions-schema.json, demand of a document by itself. */
export function brokenRules(document: Published): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string) => holds || broken.push(rule);
  must(
    Object.keys(document).every((each) => ['$schema', 'permissions'].includes(each)),
    'members of the root',
  );
  for (const [name, permission] of Object.entries(document.permissions)) {
    must(/\w+\.\w+/.test(name), `${name}: name`);
    must(
      Object.keys(permission).every((each) => permissionMembers.includes(each)),
      `${name}: members`,
    );
    const { authorizationType, note } = permission as { authorizationType?: string; note?: unknown };
    must(authorizationTypes.includes(String(authorizationType)), `${name}: authorizationType`);
    must(note === undefined || typeof note === 'string', `${name}: note`);
    for (const [key, scheme] of Object.entries(permission.schemes)) {
      must(schemeKeys.includes(key), `${name}: scheme ${key}`);
      for (const text of ['adminDisplayName', 'userDisplayName', 'adminDescription', 'userDescription']) {
        const value = scheme[text] ?? '';
        const isShort = typeof value === 'string' && (text.endsWith('Description') || value.length <= 100);
        must(isShort, `${name}: ${key}.${text}`);
      }
      must(['boolean', 'undefined'].includes(typeof scheme.requiresAdminConsent), `${name}: requiresAdminConsent`);
      must(/^[1-5]$/.test(String(scheme.privilegeLevel ?? 1)), `${name}: privilegeLevel`);
    }
    for (const set of permission.pathSets) {
      must(
        Object.keys(set).every((each) => pathSetMembers.includes(each)),
        `${name}: members of a path set`,
      );
      must(
        set.schemeKeys.length > 0 && set.schemeKeys.every((key) => key in permission.schemes),
        `${name}: schemeKeys`,
      );
      must(set.methods.length > 0 && set.methods.every((method) => methods.includes(method)), `${name}: methods`);
      for (const [path, value] of Object.entries(set.paths)) {
        must(path.startsWith('/'), `${name} ${path}: path`);
        must(/^([\w]+=[\w,.]+;)*([\w]+=[\w,.]+)?$/.test(value), `${name} ${path}: value`);
      }
    }
  }
  return broken;
}

/** What Kibali's validation finds between the permissions of a whole document. */
export function brokenReferences({ permissions }: Published): string[] {
  const broken: string[] = [];
  const least = new Map<string, number>();
  for (const [name, { pathSets }] of Object.entries(permissions)) {
    for (const { schemeKeys: keys, methods: of, paths } of pathSets) {
      for (const [path, value] of Object.entries(paths)) {
        const properties = new Map(value.split(';').map((each) => each.split('=') as [string, string]));
        const marked = properties.get('least')?.split(',') ?? [];
        const others = properties.get('AlsoRequires')?.split(',') ?? [];
        for (const key of marked) if (!keys.includes(key)) broken.push(`${name} ${path}: least names ${key}`);
        for (const other of others) {
          const known = permissions[other]?.schemes ?? {};
          if (!keys.every((key) => key in known)) broken.push(`${name} ${path}: AlsoRequires names ${other}`);
        }
        for (const key of keys) {
          for (const method of of) {
            const at = `${method} ${path} ${key}`;
            least.set(at, (least.get(at) ?? 0) + (marked.includes(key) ? 1 : 0));
          }
        }
      }
    }
  }
  for (const [at, count] of least) if (count !== 1) broken.push(`${at}: ${count} are the least privileged`);
  return broken;
}
