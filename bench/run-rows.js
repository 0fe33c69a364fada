import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkAnswers } from './check-answers.js';
import { idle, peers } from './contenders/contestants.js';
import { startAuthority } from './entra/authority.js';
import { writeTokens } from './entra/token-file.js';
import { makeGarbage, makeToken, withBadSignature } from './entra/tokens.js';
import { withServers } from './measure/servers.js';
import { rowText } from './report/row-text.js';
import { writeReport } from './report/write-report.js';
import { sizes } from './settings.js';

/** In the order of the report. */
const rowNames = [
  'seen',
  'over-http',
  'never-seen',
  'flood',
  'garbage',
  'decision',
  'document',
  'revocation',
  'memory',
  'start-up',
  'reach',
];

/** @param {{ short: boolean, rows?: string, build?: string, beside?: string }} options */
export async function runRows({ short, rows, build, beside }) {
  const size = short ? sizes.short : sizes.full;
  const chosen = rows?.split(',') ?? rowNames;
  const builds = { 'express-app-roles': resolve(build ?? fileURLToPath(new URL('../dist', import.meta.url))) };
  if (beside !== undefined) builds['express-app-roles, the other build'] = resolve(beside);

  const distinct = Array.from({ length: size.distinctTokens }, (_, i) => makeToken(i));
  const tokenFile = writeTokens({
    seen: distinct.slice(0, 100),
    distinct,
    badSignature: distinct.slice(0, 400).map(withBadSignature),
    garbage: distinct.slice(0, 100).map(({ length }) => makeGarbage(length)),
    noise: distinct.slice(0, 100).map(({ length }) => makeGarbage(length).replaceAll('.', '')),
    otherAudience: [makeToken(0, { aud: 'b2e0c9d4-52f3-4d53-8f0e-6f1b8f7c2b10' })],
    otherIssuer: [makeToken(0, { iss: 'https://login.microsoftonline.com/common/v2.0' })],
    expired: [makeToken(0, { exp: Math.floor(Date.now() / 1000) - 3600 })],
    withoutScope: [makeToken(0, { scp: 'Other.Read' })],
  });
  const authority = await startAuthority();
  const context = {
    origin: authority.origin,
    tokenFile,
    sizes: size,
    builds,
    /** In short mode there are fewer tokens than the cache holds by default: it would hit. */
    cache: short ? { cache: { maxTokens: 500 } } : {},
    /** One contestant for each build of the library. */
    library: (contestant, suffix = '') =>
      Object.fromEntries(
        Object.entries(builds).map(([name, build]) => {
          const { options, ...rest } = contestant();
          return [`${name}${suffix}`, { ...rest, options: { ...options, build } }];
        }),
      ),
  };
  const checking = { ...context.library(() => ({ contender: 'express-app-roles' })), ...peers };
  /** Those that serve an app. */
  context.serving = { ...idle, ...(short ? firstOf(checking, Object.keys(builds).length + 2) : checking) };
  try {
    await withServers(context, checking, checkAnswers);
    console.log(`Every contender admits a good token and refuses bad ones: ${Object.keys(checking).join('; ')}.\n`);

    const report = [];
    for (const name of chosen) {
      const row = await import(`./rows/${name}.js`);
      const result = { name, title: row.title, about: row.about, ...(await row.measure(context)) };
      console.log(rowText(result));
      report.push(result);
    }
    if (rows === undefined && beside === undefined && !short) writeReport(report, { tokenLength: distinct[0].length });
  } finally {
    authority.close();
  }
}

function firstOf(object, count) {
  return Object.fromEntries(Object.entries(object).slice(0, count));
}
