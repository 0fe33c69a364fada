import type { Project } from './describe-project.js';

/** The route that the app gets, and the permission that it asks for. */
export const firstRoute = { path: '/whoami', permission: 'Api.Read' };

export function permissionsFile({ app: { syntax } }: Project): string {
  return `${importing(syntax, ['definePermissions'], 'express-app-roles')}

// What may be asked of this API, by the names in its app registration. An admin reads these texts before consenting.
${exporting(
  syntax,
  'permissions',
  '',
  `definePermissions({
  '${firstRoute.permission}': {
    delegated: {
      consent: 'admin',
      displayName: 'Read',
      description: 'Lets the app read what the signed-in user may read.',
    },
    application: { displayName: 'Read everything', description: 'Lets the app read everything, without a user.' },
  },
})`,
)}`;
}

export function settingsFile({ app: { syntax }, language }: Project): string {
  const isTyped = language === 'TypeScript';
  const type = `import type { TestAuthority } from 'express-app-roles';

interface Entra {
  tenant: string;
  clientId: string;
  testAuthority?: TestAuthority;
}

`;
  return `${isTyped ? type : ''}// Whose tokens this API accepts. TENANT_ID is the directory (tenant) ID, CLIENT_ID the application (client) ID of this API.
// A test puts an Entra of its own here, before it loads the app.
${exporting(syntax, 'entra', isTyped ? ': Entra' : '', "{ tenant: setting('TENANT_ID'), clientId: setting('CLIENT_ID') }")}
function setting(name${isTyped ? ': string): string' : ')'} {
  const value = process.env[name];
  if (value) return value;
  // Tests of other things need no Entra: nobody has a token of this tenant.
  if (process.env.NODE_ENV === 'test') return '00000000-0000-4000-8000-000000000000';
  throw new Error(\`\${name} is not set: it is shown in the Entra admin center, in this API's app registration.\`);
}
`;
}

/** @param paths of the files above and of the app, as the suite imports them */
export function suiteFile(project: Project, paths: { permissions: string; settings: string; app: string }): string {
  const { app, language, testRunner, dependencies } = project;
  const { syntax } = app;
  const isTyped = language === 'TypeScript';
  const hasGlobals = testRunner === 'jest' && (!isTyped || dependencies['@types/jest'] !== undefined);
  const runner = testRunner === 'jest' ? '@jest/globals' : 'vitest';
  const { path, permission } = firstRoute;
  const load = loading(project, paths.app);
  return `${[
    ...(syntax === 'require' && testRunner === 'vitest' ? ["import { createRequire } from 'node:module';"] : []),
    ...(hasGlobals ? [] : [importing('import', ['beforeAll', 'test'], runner)]),
    ...(syntax === 'require' && testRunner === 'vitest' ? ['', 'const require = createRequire(import.meta.url);'] : []),
    importing(syntax, ['createTestEntra', 'forEachBadToken'], 'express-app-roles/testing'),
    syntax === 'import' ? "import request from 'supertest';" : "const request = require('supertest');",
    syntax === 'import'
      ? `import { entra as settings } from '${paths.settings}';`
      : `const { entra: settings } = require('${paths.settings}');`,
    importing(syntax, ['permissions'], paths.permissions),
  ].join('\n')}

// An Entra in this process: its tokens are verified as those of the real one.
const entra = createTestEntra({ permissions });
Object.assign(settings, { tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });

// Loaded after that, for it reads its settings as it starts.
let app${isTyped ? ': Parameters<typeof request>[0]' : ''};
beforeAll(${load.includes('await ') ? 'async ' : ''}() => {
  app = ${load};
});

test('a user through a client with the scope, and a client with the app role, may ask', async () => {
  const user = entra.asUser(entra.user('Ada'), '${permission}');
  await request(app).get('${path}').set(user).expect(200, { kind: 'delegated' });
  await request(app).get('${path}').set(entra.asApplication('${permission}')).expect(200, { kind: 'application' });
});

test('no one else may', async () => {
  await request(app).get('${path}').expect(401);
  await request(app).get('${path}').set(entra.asApplication([])).expect(403);
});

test('no bad token is accepted', () => forEachBadToken(entra, (headers) => request(app).get('${path}').set(headers)));
`;
}

function loading({ app: { syntax, exported } }: Project, path: string): string {
  const loaded = syntax === 'import' ? `(await import('${path}'))` : `require('${path}')`;
  const member = exported.name === undefined ? loaded : `${loaded}.${exported.name}`;
  const forms = { app: member, function: `${member}()`, 'async function': `await ${member}()` };
  return forms[exported.kind];
}

export function importing(syntax: 'import' | 'require', names: readonly string[], from: string): string {
  const list = `{ ${names.join(', ')} }`;
  return syntax === 'import' ? `import ${list} from '${from}';` : `const ${list} = require('${from}');`;
}

function exporting(syntax: 'import' | 'require', name: string, type: string, value: string): string {
  return syntax === 'import'
    ? `export const ${name}${type} = ${value};\n`
    : `const ${name} = ${value};\n\nmodule.exports = { ${name} };\n`;
}
