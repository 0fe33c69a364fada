import { expect, it } from 'vitest';
import { dropIn, newTenant } from './api.js';

it('a strategy that is made with ever new options is told apart from one that is made for each request', () => {
  const tenant = newTenant();
  for (let turn = 0; turn < 1_000; turn++) dropIn(tenant);
  const makeAnother = () => dropIn(newTenant(), { fetch: (url: string) => fetch(url) });
  expect(() => Array.from({ length: 100 }, makeAnother)).toThrow(/Make each strategy once, at start/);
});
