import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

const module = (name: string) => fileURLToPath(new URL(`../inventory/apps/${name}.ts`, import.meta.url));

/** Runs the verb to its end. */
async function run(...words: readonly string[]) {
  const { ended, output } = runCli(['inventory', ...words], { env: { NO_COLOR: '1' } });
  return { code: await ended, ...output() };
}

describe('npx express-app-roles inventory', () => {
  it('prints who may call what, aligned, and ends although the app keeps something open', async () => {
    const { code, stdout, stderr } = await run(module('mail'));
    expect(stdout).toBe(`GET   /health              anyone
GET   /mailboxes/:id       delegated Mail.Read, owned mailbox
                           or application Mailbox.OwnedBy, owned mailbox
                           or application Mail.Read, when by day
                           or application Mail.Send
POST  /mailboxes/:id/send  delegated Mail.Send, user role Dispatcher, owned mailbox
                           and delegated Mail.Read, any-record
GET   /admin/users         application Mail.Read
`);
    expect([code, stderr]).toEqual([0, 'Loading the mail API.\n']);
  });

  it('tells findings beside it, and permissions that no route asks for', async () => {
    const words = ['--export', 'adminApp', '--permissions', module('permissions')];
    const { code, stdout } = await run(module('mail'), ...words);
    const told = stdout.split('\n').map((line) => line.split(':')[0]);
    expect([code, told]).toEqual([
      0,
      [
        'GET  /users  application Mail.Read',
        '',
        'Findings',
        '  · GET /users',
        '  · delegated Mail.Read',
        '  · delegated Mail.Send',
        '  · application Mail.Send',
        '  · application Mailbox.OwnedBy',
        '  · userRole Dispatcher',
        '',
      ],
    ]);
    expect(stdout).toContain('GET /users: no authenticate can be seen before what asks who is calling.');
  });

  it('prints JSON, in one line and nothing else', async () => {
    const { code, stdout } = await run(module('mail'), '--permissions', module('permissions'), '--json');
    const { operations, findings } = JSON.parse(stdout);
    expect([code, stdout.trim().includes('\n')]).toEqual([0, false]);
    expect(operations).toHaveLength(4);
    expect(operations[2]).toEqual({
      method: 'POST',
      path: '/mailboxes/:id/send',
      isPathKnown: true,
      parameters: ['id'],
      isPublic: false,
      allows: [
        [
          {
            grant: 'delegated Mail.Send, user role Dispatcher, owned mailbox',
            kind: 'delegated',
            permissions: ['Mail.Send'],
            userRole: 'Dispatcher',
            records: { rule: 'owned', names: ['mailbox'] },
            limits: ['the user has the role Dispatcher', 'only a mailbox that the user owns'],
          },
        ],
        [{ grant: 'delegated Mail.Read, any-record', kind: 'delegated', permissions: ['Mail.Read'] }],
      ],
    });
    expect(findings).toEqual([]);
  });

  it('ends with 1 where a finding would stop the start', async () => {
    const { code, stdout } = await run(module('undeclared'));
    expect(stdout).toBe(`GET  /open  not declared

Findings
  ! GET /open: not declared. Put allow(…) or publicRoute() before its handler.
`);
    expect(code).toBe(1);
    const json = await run(module('undeclared'), '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).findings).toEqual([
      {
        code: 'undeclared_route',
        message: expect.stringContaining('not declared'),
        method: 'GET',
        path: '/open',
        stopsStart: true,
      },
    ]);
  });

  it('takes the export that is named, and calls a function without parameters', async () => {
    const { code, stdout } = await run(module('undeclared'), '--export', 'createApp');
    expect([code, stdout.split('\n')[0]]).toEqual([1, 'GET  /made  not declared']);
  });

  it.each<[name: string, words: readonly string[], message: RegExp]>([
    ['no module', [], /name the module that exports the Express app/],
    ['a module that is not there', ['none.ts'], /none\.ts: there is no such file/],
    [
      'a module without an app',
      [module('permissions')],
      /export the Express app, as in export const app = express\(\)/,
    ],
    ['an export that is not there', [module('mail'), '--export', 'api'], /has no export api\. It exports .*app/],
    [
      'a factory that takes arguments',
      [module('factory')],
      /createApp takes arguments.*export const app = createApp\(…\);/,
    ],
    [
      'an app that does not start',
      [module('asserting')],
      /found 2:\n {2}GET \/a: not declared.*\n {2}GET \/b: not declared/,
    ],
    [
      'permissions that are none',
      [module('mail'), '--permissions', module('factory')],
      /export what definePermissions returned/,
    ],
    ['an option that is none', [module('mail'), '--mounted'], /Unknown option '--mounted'/],
  ])('%s: says what and how to fix it, and ends with 2', async (_name, words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('has help with examples', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: express-app-roles inventory \[app\.ts\].*Exit codes: 0, 1.*Examples\n/s);
  });
});
