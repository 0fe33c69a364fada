import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.js';

const app = fileURLToPath(new URL('../inventory/apps/mail.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'reference-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const clientId = '11111111-1111-4111-8111-111111111111';

/** Runs the command line to its end. */
async function run(...words: readonly string[]) {
  const { ended, output } = runCli(words);
  return { code: await ended, ...output() };
}

describe('npx express-app-roles reference', () => {
  it('prints Markdown, and nothing else', async () => {
    const { code, stdout } = await run('reference', app);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# Permissions\n/);
    expect(stdout).toContain('### `GET /mailboxes/:id`\n\n|Permission type|');
  });

  it('writes files, and overwrites them', async () => {
    const out = join(folder, 'docs', 'permissions');
    expect(await run('reference', app, '--out', out)).toMatchObject({ code: 0, stdout: '' });
    const { stderr } = await run('reference', app, '--out', out);
    expect(stderr).toContain(`files are in ${out}.`);
    expect(readdirSync(out)).toEqual(['operations.md', 'permissions']);
    expect(readFileSync(join(out, 'permissions', 'Mail.Read.md'), 'utf8')).toMatch(/^# Mail\.Read\n/);
    const { stdout } = await run('reference', app, '--json');
    expect(JSON.parse(stdout)['operations.md']).toBe(readFileSync(join(out, 'operations.md'), 'utf8'));
  });

  it('says in one line that it cannot write', async () => {
    const file = join(folder, 'taken');
    writeFileSync(file, '');
    const { code, stderr } = await run('reference', app, '--out', file);
    expect(code).toBe(2);
    expect(stderr.split('\n').filter((line) => line.includes('cannot be written'))).toHaveLength(1);
  });
});

describe('npx express-app-roles openapi', () => {
  it('prints a document, which can be merged again', async () => {
    const { code, stdout, stderr } = await run('openapi', app, '--client-id', clientId);
    expect([code, stderr]).toEqual([0, 'Loading the mail API.\n']);
    expect(JSON.parse(stdout).components.securitySchemes.entraDelegated.flows.authorizationCode.tokenUrl).toBe(
      'https://login.microsoftonline.com/organizations/oauth2/v2.0/token',
    );
    const file = join(folder, 'openapi.json');
    writeFileSync(file, stdout);
    expect(await run('openapi', app, '--client-id', clientId, '--merge', file)).toMatchObject({ code: 0, stdout });
  });

  it('tells conflicts, and exits with 1', async () => {
    const file = join(folder, 'other.json');
    const paths = { '/nowhere': { get: { responses: { 200: { description: 'Hm.' } } } } };
    writeFileSync(file, JSON.stringify({ openapi: '3.1.0', info: { title: 'Mail', version: '1' }, paths }));
    const { code, stdout, stderr } = await run('openapi', app, '--client-id', clientId, '--merge', file);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).info).toEqual({ title: 'Mail', version: '1' });
    expect(stderr).toContain('! GET /nowhere is in the document, and no route of the app is declared for it.\n');
    const inJson = await run('openapi', app, '--client-id', clientId, '--merge', file, '--json');
    expect(JSON.parse(inJson.stdout).conflicts).toHaveLength(1);
  });

  it.each([
    ['without a client id', ['openapi', app], '--client-id is missing'],
    [
      'with a file that is not there',
      ['openapi', app, '--client-id', clientId, '--merge', 'nowhere.json'],
      'it cannot be read',
    ],
    ['with YAML', ['openapi', app, '--client-id', clientId, '--merge', app], 'it is not JSON'],
    ['without an app', ['openapi', '--client-id', clientId], 'name the module'],
  ])('%s: exit 2', async (_, words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('npx express-app-roles document', () => {
  it('prints the document, and what it cannot say', async () => {
    const { code, stdout, stderr } = await run('document', app);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).permissions['Mailbox.OwnedBy'].pathSets).toEqual([
      { schemeKeys: ['Application'], methods: ['GET'], paths: { '/mailboxes/{id}': 'least=Application' } },
    ]);
    expect(stderr).toContain('which only its note says.\n');
    const inJson = await run('document', app, '--json');
    expect(JSON.parse(inJson.stdout)).toMatchObject({ document: JSON.parse(stdout), findings: expect.any(Array) });
  });
});
