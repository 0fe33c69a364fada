import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { UsageError } from '../verb.js';
import { type Statement, withoutText } from './code-outline.js';
import type { Project } from './describe-project.js';
import type { FileChange, LineEdit } from './file-change.js';
import type { App } from './find-app.js';
import { firstRoute, importing, permissionsFile, settingsFile, suiteFile } from './new-files.js';

const supertest = '^7.0.0';
const supertestTypes = '^6.0.0';

/**
 * What `init` adds: the dependency, the permissions, the settings, who is calling and one protected route, and the first suite.
 *
 * @throws UsageError where something is in the way, with what to do about it
 */
export function planChanges(project: Project, libraryVersion: string): FileChange[] {
  const { app, testFolder, testSuffix, importSuffix } = project;
  const extension = /\.[cm]?[jt]s$/.exec(app.file)?.[0] ?? '';
  const folder = posix.dirname(app.file);
  const beside = (name: string) => posix.join(folder, `${name}${extension}`);
  const files = { permissions: beside('permissions'), settings: beside('entra') };
  const suite = posix.join(testFolder, `permissions${testSuffix}`);
  for (const path of [files.permissions, files.settings, suite]) {
    if (existsSync(join(project.folder, path))) {
      throw new UsageError(
        `${path} is there already, and would be overwritten. Give it another name, and run it again.`,
      );
    }
  }
  const fromSuite = (path: string) => {
    const relative = posix.relative(posix.dirname(suite), path).replace(/\.[cm]?[jt]s$/, importSuffix);
    return relative.startsWith('.') ? relative : `./${relative}`;
  };
  const style = styleOf(app.source);
  const paths = {
    permissions: fromSuite(files.permissions),
    settings: fromSuite(files.settings),
    app: fromSuite(app.file),
  };
  const dependencies = dependencyEdits(project, libraryVersion);
  return [
    ...(dependencies.length > 0 ? [{ path: 'package.json', before: project.packageJson, edits: dependencies }] : []),
    { path: files.permissions, create: style(permissionsFile(project)) },
    { path: files.settings, create: style(settingsFile(project)) },
    { path: app.file, before: app.source, edits: appEdits(app, importSuffix).map((edit) => styled(edit, style)) },
    { path: suite, create: style(suiteFile(project, paths)) },
  ];
}

/** As the app writes strings and ends statements. */
function styleOf(source: string): (text: string) => string {
  const isDouble = /(?:from|require\()\s*"/.test(source);
  const hasSemicolons = /;\s*$/m.test(withoutText(source));
  return (text) => {
    const quoted = isDouble ? text.replaceAll(/'([^'"\n]*)'(?=[^\w])/g, '"$1"') : text;
    return hasSemicolons ? quoted : quoted.replaceAll(/;$/gm, '');
  };
}

function styled({ insert, ...edit }: LineEdit, style: (text: string) => string): LineEdit {
  return { ...edit, insert: insert.map(style) };
}

function appEdits(app: App, importSuffix: string): LineEdit[] {
  const names = ['allow', 'authenticate', 'callerOf', 'problemDetails'];
  checkNames(app, [...names, 'entra', 'permissions']);
  const { name, source, indent, importLine, syntax, statements } = app;
  const kinds = statements.map((statement, index) => (index === 0 ? 'before' : kindOf(statement, name)));
  const firstRouteAt = kinds.findIndex((kind) => kind === 'route' || kind === 'errors');
  const beforeRoutes = kinds.slice(0, firstRouteAt < 0 ? undefined : firstRouteAt);
  const guardAfter = statements[beforeRoutes.lastIndexOf('before')] ?? statements[0];
  const errorsAt = kinds.indexOf('errors');
  const lastOfApp = statements[kinds.findLastIndex((kind) => kind !== 'other')] ?? statements[0];
  const indented = (lines: readonly string[]) => lines.map((line) => (line === '' ? '' : `${indent}${line}`));
  const guard = [
    '',
    "// Who is calling. A bearer token that is not of Entra for this API is refused (401); to be told first, see 'reportOnly'.",
    '// A route that says nothing yet is let through, and a warning names it. Once each has allow(…) or publicRoute(), take',
    `// undeclared away, and call assertDeclared(${name}) after the last one.`,
    `${name}.use(authenticate({ ...entra, permissions, undeclared: 'report' }));`,
    '',
    '// The first route that says who may call it: whoever has one of these.',
    `${name}.get('${firstRoute.path}', allow(permissions.delegated('${firstRoute.permission}'), permissions.application('${firstRoute.permission}')), (req, res) => {`,
    '  res.json({ kind: callerOf(req).kind });',
    '});',
  ];
  const answers = ['// Refusals as problem details (RFC 9457).', `${name}.use(problemDetails());`];
  const lines = source.split('\n');
  const followed = (inserted: readonly string[]) =>
    (lines[guardLine] ?? '').trim() === '' ? inserted : [...inserted, ''];
  const errors = statements[errorsAt];
  const guardLine = guardAfter.lastLine + 1;
  const answersLine = errors ? errors.firstLine : Math.max(lastOfApp.lastLine + 1, guardLine);
  return [
    {
      line: importLine,
      insert: [
        importing(syntax, names, 'express-app-roles'),
        importing(syntax, ['entra'], `./entra${importSuffix}`),
        importing(syntax, ['permissions'], `./permissions${importSuffix}`),
      ],
    },
    ...(guardLine === answersLine
      ? [{ line: guardLine, insert: indented(followed([...guard, '', ...answers])) }]
      : [
          { line: guardLine, insert: indented(followed(guard)) },
          { line: answersLine, insert: indented(errors ? answers : ['', ...answers]) },
        ]),
  ];
}

function checkNames({ file, source }: App, names: readonly string[]): void {
  const code = withoutText(source);
  const taken = names.find((name) => new RegExp(`(?<![.\\w])${name}\\b`).test(code));
  if (taken !== undefined) {
    throw new UsageError(`${file} calls something of its own ${taken}. Rename it, and run it again.`);
  }
  if (source.includes(firstRoute.path)) {
    throw new UsageError(`${file} has a route ${firstRoute.path} already. Rename it for the while, and run it again.`);
  }
}

const beforeAuthentication =
  /^(?:express\.(?:json|urlencoded|raw|text|static)|bodyParser|cors|helmet|compression|morgan|cookieParser|cookieSession|session|serveStatic|rateLimit|pinoHttp|responseTime|requestId|hpp)\b/;

/**
 * What a statement is to the order of middleware: parsers and their like go before `authenticate`, routes and what may hold
 * routes behind it, handlers of errors last.
 */
function kindOf({ code, source }: Statement, app: string): 'before' | 'middleware' | 'route' | 'errors' | 'other' {
  if (new RegExp(`^${app}\\.(?:set|enable|disable|engine|locals)\\b`).test(code)) return 'before';
  const use = new RegExp(`^${app}\\.use\\(\\s*`).exec(code);
  if (use) {
    const given = source.slice(use[0].length);
    const handler = given.replace(/^(['"`])[^'"`]*\1\s*,\s*/, '');
    if (/^(?:async\s+)?(?:function\s*\w*\s*)?\((?:[^(),]+,){3}[^(),]+\)/.test(handler) || /^\w*err/i.test(handler))
      return 'errors';
    const isAlone = handler.split(/\)\s*,/).length === 1;
    if (beforeAuthentication.test(handler) && (isAlone || handler === given)) return 'before';
    return handler !== given || /rout|api|controller|endpoint|graphql|swagger/i.test(given) ? 'route' : 'middleware';
  }
  const isOfApp = new RegExp(`(?<![.\\w])${app}(?:\\s*\\.(?:use|get|post|put|patch|delete|all|route)\\(|\\s*[,)])`);
  return isOfApp.test(code) && !/^(?:return|export|module\.exports|exports)\b/.test(code) && !/\.listen\(/.test(code)
    ? 'route'
    : 'other';
}

function dependencyEdits({ packageJson, dependencies, language }: Project, libraryVersion: string): LineEdit[] {
  const development = [
    ...(dependencies.supertest === undefined ? [['supertest', supertest] as const] : []),
    ...(language === 'TypeScript' && dependencies['@types/supertest'] === undefined
      ? [['@types/supertest', supertestTypes] as const]
      : []),
  ];
  const isInstalled = dependencies['express-app-roles'] !== undefined;
  return [
    ...(isInstalled ? [] : memberEdits(packageJson, 'dependencies', [['express-app-roles', `^${libraryVersion}`]])),
    ...(development.length === 0 ? [] : memberEdits(packageJson, 'devDependencies', development)),
  ];
}

/** Puts members into an object of package.json, each where npm would. */
function memberEdits(
  packageJson: string,
  object: 'dependencies' | 'devDependencies',
  added: readonly (readonly [string, string])[],
): LineEdit[] {
  const lines = packageJson.split(/\r?\n/);
  const start = lines.findIndex((line) => new RegExp(`^\\s*"${object}"\\s*:\\s*\\{\\s*$`).test(line));
  const end = lines.findIndex((line, index) => index > start && /^\s*\}/.test(line));
  if (start < 0 || end <= start + 1) {
    throw new UsageError(`package.json has no "${object}" over several lines. Install one first, with: npm install`);
  }
  const members = lines.slice(start + 1, end);
  const indent = /^\s*/.exec(members[0] ?? '')?.[0] ?? '';
  const nameOf = (line: string) => /"([^"]+)"/.exec(line)?.[1] ?? '';
  const edits = new Map<number, LineEdit>();
  for (const [name, version] of [...added].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const next = members.findIndex((line) => nameOf(line) > name);
    const text = `${indent}"${name}": "${version}"`;
    const line = next < 0 ? end - 1 : start + 1 + next;
    const known = edits.get(line);
    if (next >= 0) edits.set(line, { line, insert: [...(known?.insert ?? []), `${text},`] });
    else {
      const before = known?.insert ?? [lines[line] ?? ''];
      edits.set(line, { line, remove: 1, insert: [...before.slice(0, -1), `${before.at(-1)},`, text] });
    }
  }
  return [...edits.values()];
}
