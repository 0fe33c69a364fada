import express from 'express';
import { ConfigurationError } from 'express-app-roles';
import { controllers } from 'express-app-roles/decorators';
import { describe, expect, it } from 'vitest';
import { byEsbuild, run, type Semantics } from './compile.js';

const imports = `
import { Allow, Controller, Get, Patch, Post, Public } from 'express-app-roles/decorators';
import { application, delegated } from './permissions.js';
const reader = application('Note.Read');
`;
const load = (source: string, semantics: Semantics) =>
  run<{ A: new () => object }>(byEsbuild(imports + source, semantics));

/** The class, and what is said of it. */
const written: [mistake: string, source: string, message: RegExp, only?: Semantics][] = [
  [
    '@Get on a static method',
    'class A { @Get() static read() {} }',
    /^@Get is put on a method, but 'read' is a static member/,
  ],
  [
    '@Get on a #private method',
    'class A { @Get() #read() {} }',
    /@Get .* but '#read' is a #private member/,
    'standard',
  ],
  [
    '@Get on a property',
    'class A { @Get() read = () => {} }',
    /@Get .* but 'read' is a property, accessor or parameter/,
  ],
  [
    '@Get on a getter',
    'class A { @Get() get read() { return () => {} } }',
    /@Get .* but 'read' is a property, accessor/,
  ],
  [
    '@Get on a parameter',
    'class A { read(@Get() id) {} }',
    /@Get .* but 'read' is a property, accessor or param/,
    'legacy',
  ],
  ['@Get on a class', "@Get('/') class A {}", /@Get is put on a method, but 'A' is a class/],
  [
    '@Allow on a static method',
    'class A { @Allow(reader) static read() {} }',
    /@Allow is put on a method or a class, but/,
  ],
  [
    '@Allow on a property',
    'class A { @Allow(reader) read = 1 }',
    /@Allow is put on a method or a class, but 'read' is a prop/,
  ],
  ['@Public on a class', '@Public() class A {}', /@Public is put on a method, but 'A' is a class/],
  [
    '@Controller on a method',
    "class A { @Controller('/') read() {} }",
    /@Controller is put on a class, but 'read' is a method/,
  ],
  ['@Allow without a grant', 'class A { @Allow() read() {} }', /allow\(\) without a grant/],
  [
    '@Allow of a narrow name',
    "class A { @Allow(application('Note.OwnedBy')) read() {} }",
    /Note\.OwnedBy needs its rule/,
  ],
  ['a narrow name for a class', "@Allow(application('Note.OwnedBy')) class A {}", /Note\.OwnedBy needs its rule/],
  ['@Public with a grant', 'class A { @Public(reader) read() {} }', /@Public takes nothing/],
  ['@Public that is not called', 'class A { @Public read() {} }', /@Public takes nothing and is called: @Public\(\)/],
  ['@Get that is not called', 'class A { @Get read() {} }', /@Get: the path is a text that begins with '\/'/],
  ['a path without a slash', "class A { @Get('read') read() {} }", /@Get: the path is a text that begins with '\/'/],
  ['a controller without a path', '@Controller() class A {}', /@Controller: the path is a text that begins/],
  ['@Allow and @Public', 'class A { @Allow(reader) @Public() read() {} }', /'read' has two declarations\. Keep one/],
  ['@Public and @Allow', 'class A { @Public() @Allow(reader) read() {} }', /'read' has two declarations/],
  [
    '@Allow twice',
    "class A { @Allow(reader) @Allow(delegated('Note.Read')) read() {} }",
    /'read' has two declarations/,
  ],
  ['@Allow twice on a class', "@Allow(reader) @Allow(delegated('Note.Read')) class A {}", /'A' has two declarations/],
];

const mounted: [mistake: string, source: string, message: string | RegExp][] = [
  [
    'a route without declaration',
    "@Controller('/') class A { @Get() read() {} }",
    'controllers found 1:\n  A.read has a route, but no declaration. Give it @Allow(…) or @Public().',
  ],
  [
    '@Allow without a route',
    "@Controller('/') class A { @Allow(reader) read() {} }",
    /A\.read has @Allow or @Public, but no r/,
  ],
  [
    '@Public without a route',
    "@Controller('/') class A { @Public() read() {} }",
    /A\.read has @Allow or @Public, but no route/,
  ],
  [
    'no route at all',
    "@Controller('/') @Allow(reader) class A { read() {} }",
    /A: no method has a route\. Give one @Get/,
  ],
  ['no @Controller', 'class A { @Get() @Public() read() {} }', /A: .* a class that has @Controller\('\/…'\) itself/],
  [
    'two routes alike',
    "@Controller('/') class A { @Get('/:a') @Public() one() {} @Get('/:b/') @Public() two() {} }",
    /A\.two and A\.one have the same route, GET \/:b\/\. Keep one/,
  ],
  [
    'one route twice',
    "@Controller('/') class A { @Get('/a') @Get('/a') @Public() one() {} }",
    /A\.one and A\.one have the same route/,
  ],
  [
    'an override that is not decorated',
    "class B { @Get() @Public() read() {} } @Controller('/') class A extends B { read() {} }",
    /A\.read replaces a decorated method and inherits nothing of it\. Decorate it anew/,
  ],
  [
    'an override by a getter',
    "class B { @Get() @Public() read() {} } @Controller('/') class A extends B { get read() { return () => {} } }",
    /A\.read replaces a decorated method/,
  ],
  [
    'an override by a property',
    "@Controller('/') class A { constructor() { this.read = () => {} } @Get() @Public() read() {} }",
    /A\.read replaces a decorated method/,
  ],
  [
    'an override further up',
    "class C { @Get() @Public() read() {} } class B extends C { read() {} } @Controller('/') class A extends B {}",
    /A\.read replaces a decorated method/,
  ],
  [
    'an override with a declaration but no route',
    "class B { @Get() @Public() read() {} } @Controller('/') class A extends B { @Allow(reader) read() {} }",
    /A\.read replaces a decorated method/,
  ],
  [
    'an override with a route but no declaration',
    "class B { @Get() @Allow(reader) read() {} } @Controller('/') class A extends B { @Get() read() {} }",
    /A\.read has a route, but no declaration/,
  ],
  [
    'an inherited @Controller',
    "@Controller('/') class B { @Get() @Public() read() {} } class A extends B {}",
    /A: .* a class that has @Controller\('\/…'\) itself/,
  ],
  [
    'a new method under the class-wide @Allow of the class above',
    "@Allow(reader) class B { @Get() read() {} } @Controller('/') class A extends B { @Get('/new') fresh() {} }",
    /A\.fresh has a route, but no declaration/,
  ],
  [
    'an undeclared method under the class-wide @Allow of the class below',
    "class B { @Get() read() {} } @Allow(reader) @Controller('/') class A extends B {}",
    /A\.read has a route, but no declaration/,
  ],
  [
    'all of it',
    "@Controller('/') class A { @Get() a() {} @Public() b() {} @Get('/c') @Public() c() {} @Get('/c') @Public() d() {} }",
    /^controllers found 3:\n {2}A\.a .*\n {2}A\.b .*\n {2}A\.d and A\.c .*$/,
  ],
];

describe.each<Semantics>(['standard', 'legacy'])('in %s decorators', (semantics) => {
  it.each(written.filter(([, , , only]) => (only ?? semantics) === semantics))(
    '%s stops the app as the class is written',
    (_mistake, source, message) => {
      expect(() => load(source, semantics)).toThrow(message);
      expect(() => load(source, semantics)).toThrow(ConfigurationError);
    },
  );

  it.each(mounted)('%s stops the app as it is mounted, with no route in it', (_mistake, source, message) => {
    const { A } = load(`${source}\nexport { A };`, semantics);
    const router = express.Router();
    expect(() => controllers(router, new A())).toThrow(message);
    expect(() => controllers(router, new A())).toThrow(ConfigurationError);
    expect(router.stack).toEqual([]);
  });
});

const wrap = `
const wrap = (value, ...legacy) => {
  const other = () => {};
  if (legacy.length < 2) return other;
  legacy[1].value = other;
};
`;

/** The wider declaration of the class must not take the place of the one that is lost. */
describe.each<Semantics>(['standard', 'legacy'])(
  'another decorator that replaces the function, in %s decorators',
  (semantics) => {
    it.each([
      ['above @Get and @Allow', "@wrap @Get() @Allow(application('Note.Write')) read() {}"],
      ['between them', "@Get() @wrap @Allow(application('Note.Write')) read() {}"],
      ['between them, the other way round', "@Allow(application('Note.Write')) @wrap @Get() read() {}"],
      ['above @Public', '@wrap @Public() @Get() read() {}'],
    ])('%s stops the app', (_place, method) => {
      const source = `${wrap} @Controller('/') @Allow(reader) class A { @Get('/b') other() {} ${method} } export { A };`;
      const start = () => controllers(express(), new (load(source, semantics).A)());
      expect(start).toThrow(/'read' was replaced by another decorator.* Put that decorator below these/);
      expect(start).toThrow(ConfigurationError);
    });

    it('below them does no harm, nor in a class above', () => {
      const source = `${wrap}
      class B { @Get() @Allow(reader) @wrap read() {} }
      @Controller('/') class A extends B { @Get() @Public() @wrap read() {} }
      export { A };`;
      expect(() => controllers(express(), new (load(source, semantics).A)())).not.toThrow();
    });
  },
);

describe('controllers', () => {
  const { A } = load("@Controller('/a') class A { @Get() @Public() read() {} } export { A };", 'standard');

  it('takes objects', () => {
    expect(() => controllers(express(), A)).toThrow(/A: controllers takes objects, new A\(…\)/);
    expect(() => controllers(express(), {})).toThrow(/Object: controllers takes objects/);
  });

  it('takes what an object keeps for no method of it', () => {
    const source = `
      @Allow(reader) class B { @Get() @Public() read() {} }
      @Controller('/') class A { b = B; list = B.prototype.read; @Get() @Public() read() {} }
      export { A };`;
    const router = express.Router();
    controllers(router, new (load(source, 'standard').A)());
    expect(router.stack).toHaveLength(1);
  });

  it('takes an app or a router first', () => {
    expect(() => controllers({} as never, new A())).toThrow(/takes an Express app or a router first/);
  });

  it('finds routes alike in two of them', () => {
    expect(() => controllers(express(), new A(), new A())).toThrow(/A\.read and A\.read have the same route, GET \/a/);
  });
});
