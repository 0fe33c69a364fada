import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Every file here that is shown, by the page that shows it. The tests beside this run each of them. */
const shown: Readonly<Record<string, readonly string[]>> = {
  'choosing.md': ['choosing.ts'],
  'naming-and-consent.md': ['consent.ts'],
  'tenants.md': ['tenants.ts'],
  'ownership.md': ['orders.sql', 'orders-store.ts', 'orders-app.ts'],
  'row-level-security.md': ['row-level-security.sql', 'within-reach.ts', 'two-walls.ts'],
};

test.each(readdirSync(new URL('../../docs/guide/', import.meta.url)))(
  '%s shows what is run here, and no other code',
  (page) => {
    const blocks = [...read(`../../docs/guide/${page}`).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
      .filter(([, language]) => language !== 'text')
      .map(([, , code]) => code);
    expect(blocks).toEqual((shown[page] ?? []).map((name) => read(name)));
  },
);
