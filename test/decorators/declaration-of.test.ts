import { describeGrant, publicRoute } from 'express-app-roles';
import { Allow, declarationOf, Public } from 'express-app-roles/decorators';
import { expect, it } from 'vitest';
import { application } from './permissions.js';

@Allow(application('Note.Read'))
class Base {
  inherited() {}
  overridden() {}
  @Public() open() {}
  @Allow(application('Note.Write')) own() {}
}
class Sub extends Base {
  override overridden() {}
  fresh() {}
}
const { inherited, overridden, open, own } = Base.prototype;
const grantsOf = (method: object, controller?: object) => {
  const declaration = declarationOf(method, controller);
  return declaration?.kind === 'allow' ? declaration.grants.map(describeGrant) : declaration?.kind;
};

it('tells what a method declares, or else the class that it is written in', () => {
  expect(grantsOf(own, Base)).toEqual(['application Note.Write']);
  expect(grantsOf(own)).toEqual(['application Note.Write']);
  expect(grantsOf(open, Base)).toBe('public');
  expect(grantsOf(inherited, Base)).toEqual(['application Note.Read']);
  expect(grantsOf(inherited, Sub)).toEqual(['application Note.Read']);
});

it('tells nothing of what is not declared', () => {
  expect(grantsOf(inherited)).toBeUndefined();
  expect(grantsOf(Sub.prototype.fresh, Sub)).toBeUndefined();
  expect(grantsOf(Sub.prototype.overridden, Sub)).toBeUndefined();
  expect(grantsOf(overridden, class {})).toBeUndefined();
  expect(grantsOf(publicRoute())).toBeUndefined();
  expect(grantsOf(inherited.bind(null), Base)).toBeUndefined();
});

it('takes a function around a method for the method of its name, and only for the one that the class has now', () => {
  const around = (name: string) => Object.defineProperty(() => {}, 'name', { value: name });
  expect(grantsOf(around('own'), Sub)).toEqual(['application Note.Write']);
  expect(grantsOf(around('inherited'), Sub)).toEqual(['application Note.Read']);
  expect(grantsOf(around('overridden'), Sub)).toBeUndefined();
  expect(grantsOf(around('constructor'), Base)).toBeUndefined();
  expect(grantsOf(around('toString'), Base)).toBeUndefined();
  expect(grantsOf(around('own'))).toBeUndefined();
});

it('gives values that requests may share', () => {
  expect(Object.isFrozen(declarationOf(own))).toBe(true);
});
