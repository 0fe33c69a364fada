import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'messages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const declarations = `
import { definePermissions } from 'express-app-roles';
export const texts = { displayName: 'Do it', description: 'Lets the app do it.' };
export const { delegated, application } = definePermissions({
  'Mail.Read': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Mail.Send': { application: texts },
  'User.Only': { delegated: { ...texts, consent: 'admin' } },
  'Mailbox.OwnedBy': { application: texts },
  Dispatcher: { userRole: texts },
});
`;

const mistakes: [name: string, line: string, wanted: RegExp, unwanted?: RegExp][] = [
  [
    'a misspelt name',
    `application('Mail.Raed');`,
    /"Mail\.Read" \| "Mail\.Send" \| "Mailbox\.OwnedBy"/,
    /User\.Only|Dispatcher/,
  ],
  [
    'a name of the other kind',
    `delegated('Mail.Send');`,
    /"Mail\.Read" \| "User\.Only"/,
    /Mailbox\.OwnedBy|Dispatcher/,
  ],
  ['a misspelt user role', `delegated('Mail.Read').withUserRole('Dispatch');`, /"Dispatcher"/],
  ['a narrow name in .and', `application('Mail.Read').and('Mailbox.OwnedBy');`, /"Mail\.Read" \| "Mail\.Send"/],
  [
    'a narrow name without its rule',
    `allow(application('Mailbox.OwnedBy'));`,
    /this permission needs its rule, such as \.owned\(record\) or \.selected\(record\)/,
  ],
  [
    'one app role of two kinds',
    `definePermissions({ A: { application: texts, userRole: texts } });`,
    /an app role is for applications or for users, never both: give the user role a name of its own/,
  ],
  [
    'an entry of no kind',
    `definePermissions({ A: {} });`,
    /declare at least one of delegated, application and userRole/,
  ],
  ['no grant', `allow();`, /Expected at least 1 argument/],
];

let output = '';
/** What the compiler says of one line, with the lines that belong to it. */
const messageOf = (line: number) =>
  output
    .split(/\n(?=mistakes\.ts)/)
    .filter((message) => message.startsWith(`mistakes.ts(${line},`))
    .join('\n');

beforeAll(async () => {
  const paths = { 'express-app-roles': [join(root, 'src/index.ts')] };
  const imports =
    "import { allow, definePermissions } from 'express-app-roles'; import { application, delegated, texts } from './declarations.js';";
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'declarations.ts'), declarations);
  writeFileSync(join(folder, 'mistakes.ts'), [imports, ...mistakes.map(([, line]) => line)].join('\n'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { paths, typeRoots: [join(root, 'node_modules/@types')] },
      include: ['mistakes.ts'],
    }),
  );
  output = await new Promise((resolve) => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFile(process.execPath, [tsc, '--pretty', 'false', '-p', folder], { cwd: folder }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}, 60_000);

describe('the compiler says what to do about', () => {
  it.each(mistakes)('%s', (_name, line, wanted, unwanted) => {
    const message = messageOf(mistakes.findIndex((each) => each[1] === line) + 2);
    expect(message).toMatch(wanted);
    if (unwanted !== undefined) expect(message).not.toMatch(unwanted);
  });

  it('nothing else', () => {
    expect(output.split('\n').filter((line) => /^\S.*error TS/.test(line))).toHaveLength(mistakes.length);
  });
});
