import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PathTemplate, readTemplate } from '../../src/document/path-template.js';
import { PathTree } from '../../src/document/path-tree.js';
import { readPath } from '../../src/document/request-path.js';
import { matchNaively } from './match-naively.js';

const words = ['a', 'b', 'Ab', 'me', '$ref'];
const templateSegment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...words) },
  { weight: 3, arbitrary: fc.constantFrom('{id}', '{other-id}') },
  { weight: 1, arbitrary: fc.constantFrom('{id}:', 'root:', 'a()') },
  { weight: 2, arbitrary: fc.constantFrom('a(x={v})', "a(X='{w}')", 'a(x={v},y={w})', 'a({v})', 'b(x={v})') },
);
const template = fc.array(templateSegment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const pathSegment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words, 'A', 'ME', 'zz') },
  { weight: 1, arbitrary: fc.constantFrom('x:', 'root:', 'ROOT:', ':', 'a()') },
  {
    weight: 2,
    arbitrary: fc.constantFrom("a(x='1')", 'A(X=1)', "a(x='1',y=2)", "a('1')", 'b(x=%27it%27%27s%27)', 'a(x=)'),
  },
  { weight: 2, arbitrary: fc.constantFrom('%61', 'a;x', 'z%20z', 'x%3A', 'a%28x=1%29', 'b;', '%24ref') },
);
const path = fc.array(pathSegment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);

describe('finding a template', () => {
  it('finds what a matcher finds that tries every template', () => {
    const seen = { found: 0, refused: 0, missed: 0 };
    fc.assert(
      fc.property(
        fc.array(template, { minLength: 1, maxLength: 12 }),
        fc.array(path, { minLength: 1 }),
        (texts, paths) => {
          const templates = texts.map(readTemplate).filter((each): each is PathTemplate => typeof each === 'object');
          const tree = new PathTree<string>();
          for (const each of templates) tree.add(each, () => each.key);
          for (const each of paths) {
            const expected = matchNaively(templates, each);
            const segments = readPath(each);
            const found = segments && tree.match(segments);
            expect(found, each).toEqual(typeof expected === 'object' ? expected : undefined);
            seen[typeof expected === 'object' ? 'found' : expected === 'ambiguous' ? 'refused' : 'missed'] += 1;
          }
        },
      ),
      { numRuns: 2_000, seed: 20_261_122 },
    );
    // A property of nothing would hold as well.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(500);
  });

  it('has one key for all spellings of a template', () => {
    fc.assert(
      fc.property(template, (text) => {
        const other = text
          .toUpperCase()
          .replaceAll(/\{[^}]*\}/g, '{another}')
          .replaceAll("'", '');
        expect(readTemplate(`${other}/`.replace('//', '/'))).toMatchObject({
          key: (readTemplate(text) as PathTemplate).key,
        });
      }),
    );
  });
});

describe('reading a template', () => {
  it.each([
    '',
    'a',
    '/a//b',
    '//a',
    '/a/./b',
    '/a/..',
    '/applications/{id}}/repair',
    '/a/{id',
    '/a/id}',
    '/a/{}',
    '/a/{{id}}',
    '/a/{x}{y}',
    '/a/x{y}',
    '/a/{x}.json',
    '/a/f(x={v}',
    '/a/f(x={v},)',
    "/a/f(x='{v})",
    '/a/f(x={v},y=1)',
    '/a/f({v},{w})',
    '/a/f(x={v}):',
    '/a/b c',
    '/a/b?c',
    '/a/b#c',
    '/a/%62',
    '/a/b;c',
    '/a\\b',
    '/é',
  ])('refuses %j in words', (text) => {
    expect(typeof readTemplate(text)).toBe('string');
  });
});

describe('reading a path', () => {
  it.each([
    '',
    'a',
    '?a',
    '*',
    'http://api.test/a',
    '//a',
    '/a//b',
    '/a//',
    '/./a',
    '/a/..',
    '/a/%2e',
    '/a/%2E%2e/b',
    '/a/..;/b',
    '/a/.;x',
    '/a/;x',
    '/a%2Fb',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/a%00',
    '/a%0d%0a',
    '/a%7F',
    '/a%',
    '/a%4',
    '/a%zz',
    '/a%C3',
    '/a%C0%AF',
    '/é',
    '/a b',
    '/a\tb',
    '/a#b',
    '/a?x=1#b',
    '/a?x= ',
    '/a|b',
    '/a^b',
    '/a"b',
    '/{id}',
  ])('refuses %j', (url) => {
    expect(readPath(url)).toBeUndefined();
  });

  it.each([
    ['/', []],
    ['/?a=/../b', []],
    ['/a', ['a']],
    ['/a/', ['a']],
    ['/a/?x', ['a']],
    ['/a/b%20c/%C3%A9', ['a', 'b c', 'é']],
    ['/...', ['...']],
    ['/a/:@!$&()*+,=~', ['a', ':@!$&()*+,=~']],
  ])('reads %j', (url, decoded) => {
    expect(readPath(url)?.map((each) => each.decoded)).toEqual(decoded);
  });
});
