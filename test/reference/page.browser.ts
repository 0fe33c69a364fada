import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { allow, authenticate, definePermissions, publicRoute } from 'express-app-roles';
import { permissionReference } from 'express-app-roles/reference';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from './chromium.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const views = ['operations', 'permissions', 'matrix', 'explain'];

let browser: Browser;
let example: Awaited<ReturnType<typeof startExample>>;
beforeAll(async () => {
  [browser, example] = await Promise.all([launchChromium(), startExample()]);
});
afterAll(async () => {
  await browser?.close();
  await example?.stop();
});

/** `npm start`, as a newcomer runs it. */
async function startExample() {
  const { NODE_ENV: _, DATABASE_URL: __, ...env } = process.env;
  const file = fileURLToPath(new URL('../../example-api/start.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file], { env: { ...env, PORT: '0' } });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const address = await vi.waitUntil(() => /http:\S+\/permissions\//.exec(output)?.[0], { timeout: 25_000 });
  return {
    address,
    async stop() {
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

/** A page on which nothing goes wrong unseen: errors, what the policy blocks, and where requests go. */
async function open(address: string, options: BrowserContextOptions = {}) {
  const page = await browser.newPage(options);
  const problems: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // Chromium says of a refused request on the console that it was refused.
    if (message.type() === 'error' && !message.text().includes('status of 403')) problems.push(message.text());
  });
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  await page.goto(address);
  await page.getByRole('heading', { level: 2 }).waitFor();
  return { page, problems, origins };
}

async function expectAccessible(page: Page) {
  const found = (await page.evaluate(`${axe}; axe.run()`)) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  expect(found.violations.map(({ id, nodes }) => [id, nodes.map((each) => each.failureSummary)])).toEqual([]);
}

describe.each(['light', 'dark'] as const)('the page of the example, %s', (colorScheme) => {
  it.each(views)('%s: is accessible, and asks nothing of other servers', async (view) => {
    const { page, problems, origins } = await open(`${example.address}#${view}`, { colorScheme });
    await page.waitForLoadState('networkidle');
    await expectAccessible(page);
    const background = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(background).toBe(colorScheme === 'light' ? 'rgb(247, 247, 245)' : 'rgb(19, 21, 24)');
    expect([problems, [...origins]]).toEqual([[], [new URL(example.address).origin]]);
    await page.close();
  });
});

describe('the page of the example', () => {
  it('shows a newcomer the refusal of a client without Mail.Send, and its reason', async () => {
    const { page, problems, origins } = await open(`${example.address}#explain`);
    await page.getByLabel('Operation', { exact: true }).selectOption('POST /users/:id/sendMail');
    await page.getByLabel('Caller of the local Entra').selectOption('Newsletter, without Mail.Send');
    const verdict = page.locator('.verdict');
    await verdict.getByText('Refused: 403').waitFor();
    expect(await verdict.innerText()).toContain('missing_app_role');
    expect(await verdict.getByRole('listitem').allInnerTexts()).toEqual([
      'delegated Mail.Send, owned mailbox\nis for callers of the other kind',
      'application Mail.Send.OwnedBy, owned mailbox\nthe caller does not hold the permission',
      'application Mail.Send.Selected, selected mailbox as send\nthe caller does not hold the permission',
      'application Mail.Send.Scoped, within mailbox\nthe caller does not hold the permission',
      'application Mail.Send\nthe caller does not hold the permission',
    ]);
    await page.getByRole('button', { name: 'Send the request' }).click();
    await page.getByText('403 Forbidden').waitFor();
    expect(await page.getByLabel('Answer').innerText()).toContain('"code": "missing_app_role"');
    await expectAccessible(page);
    expect([problems, [...origins]]).toEqual([[], [new URL(example.address).origin]]);
    await page.close();
  });

  it('sends what is admitted, too', async () => {
    const { page } = await open(`${example.address}#explain/${encodeURIComponent('POST /users/:id/sendMail')}`);
    await page.getByLabel('Caller of the local Entra').selectOption('Nightly script, with Mail.Send');
    await page.locator('.verdict').getByText('Admitted').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Mail.Send', exact: true }).isChecked()).toBe(true);
    await page.getByLabel(':id').fill('7e570000-0000-4000-8000-0000000000a1');
    await page.getByLabel('Body (JSON)').fill('{ "to": "grace@mailroom.test", "subject": "Report", "body": "Well." }');
    await page.getByRole('button', { name: 'Send the request' }).click();
    await page.getByText('202 Accepted').waitFor();
    await page.close();
  });

  it('explains as the caller is described, and forgets the token of another', async () => {
    const { page } = await open(`${example.address}#explain/${encodeURIComponent('PATCH /mailboxes/:id')}`);
    const verdict = page.locator('.verdict');
    await page.getByLabel('Caller of the local Entra').selectOption('Nightly script, with Mail.Send');
    await verdict.getByText('missing_app_role').waitFor();
    await page.getByLabel('Mailbox.ReadWrite.OwnedBy').check();
    await verdict.getByText('not_owner').waitFor();
    expect(await page.getByRole('button', { name: 'Send the request' }).isDisabled()).toBe(true);
    await page.getByLabel('The caller owns it').check();
    await verdict.getByText('Admitted').waitFor();
    await page.getByLabel('It exists').uncheck();
    await verdict.getByText('Refused: 404').waitFor();
    await page.getByLabel('A user, through a client').check();
    await verdict.getByText('missing_scope').waitFor();
    await page.getByLabel('No token').check();
    await verdict.getByText('Refused: 401').waitFor();
    await page.close();
  });

  it('is worked with the keyboard alone', async () => {
    const { page } = await open(example.address);
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Who may call what' }).waitFor();
    const focused = () => page.evaluate('document.activeElement.textContent');
    expect(await focused()).toBe('Who may call what');
    expect(await page.title()).toBe('Who may call what – Mailroom API');
    expect(await page.locator('nav [aria-current]').innerText()).toBe('Who may call what');
    await page.goto(`${example.address}#explain`);
    await page.getByLabel('A client, as itself').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByLabel('A user, through a client').isChecked()).toBe(true);
    expect(await page.evaluate('document.activeElement.value')).toBe('delegated');
    await page.close();
  });

  it('is searched by path and by permission', async () => {
    const { page } = await open(example.address);
    await page.getByRole('searchbox').fill('mailboxes ownedby');
    await page
      .getByText('6 of 16')
      .or(page.getByText(/^\d+ of \d+$/))
      .waitFor();
    const shown = await page.getByRole('article').getByRole('heading').allInnerTexts();
    expect(shown).toEqual([
      'GET /mailboxes',
      'GET /mailboxes/count',
      'PATCH /mailboxes',
      'POST /mailboxes',
      'GET /mailboxes/:id',
      'PATCH /mailboxes/:id',
      'DELETE /mailboxes/:id',
      'DELETE /mailboxes/:id/owners/me',
    ]);
    await page.goto(`${example.address}#matrix`);
    expect(
      await page
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader') })
        .count(),
    ).toBe(8);
    await page.close();
  });

  it('fits a narrow window', async () => {
    const { page } = await open(example.address, { viewport: { width: 360, height: 700 } });
    for (const view of views) {
      await page.goto(`${example.address}#${view}`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), view).toBeLessThanOrEqual(360);
    }
    await page.close();
  });
});

it('takes every text for a text', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const permissions = definePermissions({
    'A.Read': { application: { displayName: evil, description: evil } },
  });
  const app = express();
  app.use(
    authenticate({
      tenant: '11111111-1111-4111-8111-111111111111',
      clientId: '22222222-2222-4222-8222-222222222222',
      permissions,
    }),
  );
  app.get('/<b>', allow(permissions.application('A.Read').when(evil, () => true)));
  app.use('/', publicRoute(), permissionReference({ app, permissions, title: evil }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    for (const view of views) {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/#${view}`;
      const { page, problems } = await open(address);
      await page.waitForLoadState('networkidle');
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(evil);
      expect(await page.locator('main img, main script, h1 img').count()).toBe(0);
      expect([problems, await page.title()]).toEqual([[], expect.stringContaining(evil)]);
      await page.close();
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
