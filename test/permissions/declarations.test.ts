import { inspect } from 'node:util';
import { allow, ConfigurationError, definePermissions, describeGrant, publicRoute, record } from 'express-app-roles';
import { describe, expect, it } from 'vitest';

const texts = { displayName: 'Read mail', description: 'Lets the app read mail.' };
const admin = { ...texts, consent: 'admin' as const };
const id = 'd0000000-0000-4000-8000-000000000001';

const { delegated, application } = definePermissions({
  'Mail.Read': { delegated: admin, application: texts },
  'Mail.Send': { delegated: admin, application: texts },
  'Mailbox.OwnedBy': { delegated: admin, application: texts },
  'Mailbox.ReadWrite.OwnedBy': { application: texts },
  Selected: { application: texts },
  OwnedBy: { application: texts },
  'Not.OwnedByAnyone': { application: texts },
  'OwnedBy.All': { application: texts },
  'User.Only': { delegated: admin },
  Dispatcher: { userRole: texts },
});
const mailboxOptions = { name: 'mailbox', find: () => undefined, owners: () => [], notOwner: 'forbidden' as const };
const mailbox = record<object>(mailboxOptions);
const other = record<object>({ ...mailboxOptions, name: 'other' });

/** What a JavaScript caller might write. */
const define = (catalogue: unknown) => () => definePermissions(catalogue as never);
const anyGrants =
  (...grants: unknown[]) =>
  () =>
    (allow as (...all: unknown[]) => unknown)(...grants);
const anyDelegated = delegated as unknown as (name: unknown) => typeof plain;
const anyApplication = application as unknown as (name: unknown) => typeof plain;
interface Anything {
  [step: string]: (...values: unknown[]) => Anything;
}
const plain = delegated('Mail.Read') as unknown as Anything;

describe('a catalogue', () => {
  it.each<[name: string, catalogue: unknown, message: RegExp]>([
    ['that is missing', undefined, /must be an object/],
    ['that is null', null, /must be an object/],
    ['that is an array', [], /must be an object/],
    ['that is a string', 'Mail.Read', /must be an object/],
    ['that is empty', {}, /the catalogue is empty/],
    ['with a literal __proto__', { __proto__: { 'Mail.Read': { application: texts } } }, /the catalogue is empty/],
    ['with an entry that is null', { A: null }, /A must be an object/],
    ['with an entry that is a string', { A: 'application' }, /A must be an object/],
    ['with an entry of nothing', { A: {} }, /A: declare at least one of delegated, application, userRole/],
    ['with an entry of undefined', { A: { application: undefined } }, /A: declare at least one/],
    [
      'with a kind that there is not',
      { A: { applications: texts } },
      /A: 'applications' is not one of delegated, application, userRole/,
    ],
    ['with a kind that is null', { A: { application: null } }, /A\.application must be an object/],
    ['with a kind that is true', { A: { application: true } }, /A\.application must be an object/],
    [
      'with one app role for both',
      { A: { application: texts, userRole: texts } },
      /for applications or for users, never both.*name of its own/,
    ],
    ['without a display name', { A: { application: { description: 'x' } } }, /A\.application\.displayName is missing/],
    ['without a description', { A: { application: { displayName: 'x' } } }, /A\.application\.description is missing/],
    ['with a blank text', { A: { application: { displayName: ' ', description: 'x' } } }, /displayName is missing/],
    [
      'with a text that is a number',
      { A: { userRole: { displayName: 1, description: 'x' } } },
      /displayName is missing/,
    ],
    [
      'with a member that there is not',
      { A: { application: { ...texts, enable: false } } },
      /'enable' is not one of displayName, description, id, enabled/,
    ],
    [
      'with personal for applications',
      { A: { application: { ...texts, personal: true } } },
      /'personal' is not one of/,
    ],
    ['with consent for applications', { A: { application: admin } }, /'consent' is not one of/],
    ['without consent', { A: { delegated: texts } }, /A\.delegated\.consent must be 'user'.*or 'admin'/],
    ['with another consent', { A: { delegated: { ...texts, consent: 'everyone' } } }, /consent must be/],
    [
      'without texts for users who consent',
      { A: { delegated: { ...texts, consent: 'user' } } },
      /toUser must be an object/,
    ],
    [
      'with half of the texts for users',
      { A: { delegated: { ...texts, consent: 'user', toUser: { displayName: 'x' } } } },
      /toUser\.description is missing/,
    ],
    [
      'with enabled that is a string',
      { A: { application: { ...texts, enabled: 'false' } } },
      /enabled must be true or false/,
    ],
    ['with enabled that is 0', { A: { application: { ...texts, enabled: 0 } } }, /enabled must be true or false/],
    [
      'with personal that is a string',
      { A: { delegated: { ...admin, personal: 'yes' } } },
      /personal must be true or false/,
    ],
    ['with an id that is no GUID', { A: { application: { ...texts, id: 'one' } } }, /id must be a GUID/],
    [
      'with one id twice',
      { A: { application: { ...texts, id } }, B: { application: { ...texts, id: id.toUpperCase() } } },
      /B\.application\.id is the id of A\.application too/,
    ],
    [
      'with one id for both kinds',
      { A: { application: { ...texts, id }, delegated: { ...admin, id } } },
      /is the id of A\.delegated too/,
    ],
  ])('%s stops the start', (_name, catalogue, message) => {
    expect(define(catalogue)).toThrow(message);
    expect(define(catalogue)).toThrow(ConfigurationError);
  });

  it.each([
    '',
    '.Mail',
    'Mail Read',
    ' Mail',
    'Mail ',
    'Mail\tRead',
    'Mail\n',
    'Mail"Read',
    'Mail\\Read',
    'Mäil',
    '邮件',
    'Mail\u0000',
    'x'.repeat(121),
  ])('with the name %j stops the start, in a sentence that says what is legal', (name) => {
    expect(define({ [name]: { application: texts } })).toThrow(
      /cannot be the value of a permission: at most 120 characters/,
    );
  });

  it.each([
    'x'.repeat(120),
    'Mail.Read',
    'a',
    '1',
    "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    'api:read/all',
    '__proto__',
    'constructor',
    'toString',
  ])('may have the name %j', (name) => {
    const defined = definePermissions(
      JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify({ application: texts })}}`),
    );
    expect(String((defined.application as (each: string) => unknown)(name))).toBe(`application ${name}`);
    expect(() => (defined.delegated as (each: string) => unknown)(name)).toThrow(/is declared as application only/);
  });
});

describe('a name', () => {
  it.each<[name: string, make: () => unknown, message: RegExp]>([
    [
      'misspelt',
      () => anyDelegated('Mail.Raed'),
      /^delegated: 'Mail\.Raed' is not in the catalogue\. Names of this kind: Mail\.Read, Mail\.Send, Mailbox\.OwnedBy, User\.Only\.$/,
    ],
    ['in another case', () => anyDelegated('mail.read'), /not in the catalogue/],
    [
      'of the other kind',
      () => anyApplication('User.Only'),
      /'User\.Only' is declared as delegated only\. Names of this kind: Mail\.Read/,
    ],
    ['of a user role', () => anyApplication('Dispatcher'), /is declared as userRole only/],
    ['missing', () => anyDelegated(undefined), /'undefined' is not in the catalogue/],
    ['empty', () => anyDelegated(''), /not in the catalogue/],
    ['of Object', () => anyDelegated('constructor'), /not in the catalogue/],
    ['of a prototype', () => anyDelegated('__proto__'), /not in the catalogue/],
    ['in an array', () => anyDelegated(['Mail.Read']), /not in the catalogue/],
    ['in .and', () => plain.and?.('Mail.Raed'), /not in the catalogue/],
    [
      'of the other kind in .and',
      () => (application('Mail.Read') as unknown as Anything).and?.('User.Only'),
      /declared as delegated only/,
    ],
    [
      'of a user role that is a scope',
      () => plain.withUserRole?.('Mail.Send'),
      /userRole: 'Mail\.Send' is declared as delegated and application only\. Names of this kind: Dispatcher/,
    ],
  ])('%s stops the start', (_name, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(ConfigurationError);
  });
});

describe('a grant', () => {
  it.each<[name: string, make: () => unknown, message: RegExp]>([
    [
      '.and with a narrow name',
      () => plain.and?.('Mailbox.OwnedBy'),
      /would leave out the rule of Mailbox\.OwnedBy.*Start the grant with it/,
    ],
    ['.and with its own name', () => plain.and?.('Mail.Read'), /Mail\.Read is named twice/],
    ['.owned without a record', () => plain.owned?.(), /name what is owned, a record made by record/],
    ['.owned of something else', () => plain.owned?.({}), /a record made by record/],
    ['.owned of an array', () => plain.owned?.([mailbox]), /a record made by record/],
    ['.owned of undefined beside a record', () => plain.owned?.(mailbox, undefined), /a record made by record/],
    ['.owned of what has find only', () => plain.owned?.({ find: () => ({}) }), /a record made by record/],
    ['.ownedOnly without a record', () => plain.ownedOnly?.(), /name what is owned/],
    ['.creates without a record', () => plain.creates?.(), /name what is created/],
    ['.owned twice', () => plain.owned?.(mailbox)?.owned?.(other), /A grant has one rule about records/],
    ['.ownedOnly after .owned', () => plain.owned?.(mailbox)?.ownedOnly?.(mailbox), /A grant has one rule/],
    ['.onAnyRecord after .owned', () => plain.owned?.(mailbox)?.onAnyRecord?.(), /A grant has one rule/],
    ['.owned after .onAnyRecord', () => plain.onAnyRecord?.()?.owned?.(mailbox), /A grant has one rule/],
    [
      '.onAnyRecord of an application',
      () => (application('Mail.Read') as unknown as Anything).onAnyRecord?.(),
      /is for delegated grants/,
    ],
    [
      '.withUserRole of an application',
      () => (application('Mail.Read') as unknown as Anything).withUserRole?.('Dispatcher'),
      /an application holds no user role/,
    ],
    [
      '.withUserRole twice',
      () => plain.withUserRole?.('Dispatcher')?.withUserRole?.('Dispatcher'),
      /names one user role/,
    ],
    ['.when without a function', () => plain.when?.('it'), /needs a name and a function/],
    ['.when without a name', () => plain.when?.(() => true), /needs a name and a function/],
    ['.when with an empty name', () => plain.when?.('', () => true), /needs a name and a function/],
  ])('%s stops the start', (_name, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(ConfigurationError);
  });

  it.each<[text: string, grant: Parameters<typeof describeGrant>[0]]>([
    ['delegated Mail.Read', delegated('Mail.Read')],
    [
      'delegated Mail.Read and Mail.Send, user role Dispatcher, owned mailbox and other, when it is day',
      delegated('Mail.Read')
        .and('Mail.Send')
        .withUserRole('Dispatcher')
        .owned(mailbox, other)
        .when('it is day', () => true),
    ],
    [
      'application Mailbox.OwnedBy, owned-only mailbox, across tenants',
      application('Mailbox.OwnedBy').ownedOnly(mailbox).acrossTenants(),
    ],
    ['application Selected, creates mailbox', application('Selected').creates(mailbox)],
    ['delegated Mail.Read, any-record', delegated('Mail.Read').onAnyRecord()],
  ])('is printed as %s', (text, grant) => {
    expect([describeGrant(grant), String(grant), inspect(grant)]).toEqual([text, text, text]);
  });

  it('gives a new value at each step', () => {
    const first = delegated('Mail.Read');
    expect(String(first.and('Mail.Send').owned(mailbox))).not.toBe(String(first));
    expect(String(first)).toBe('delegated Mail.Read');
  });
});

describe('allow', () => {
  const elsewhere = definePermissions({ 'Mail.Read': { delegated: admin, application: texts } });
  const own = application('Mailbox.OwnedBy');

  it.each<[name: string, make: () => unknown, message: RegExp]>([
    ['no grant', anyGrants(), /without a grant.*publicRoute\(\)/],
    ['undefined', anyGrants(undefined), /without a grant/],
    ['null beside a grant', anyGrants(delegated('Mail.Read'), null), /allow takes grants/],
    ['a name', anyGrants('Mail.Read'), /allow takes grants/],
    ['an array of grants', anyGrants([delegated('Mail.Read')]), /allow takes grants/],
    ['an empty array', anyGrants([]), /allow takes grants/],
    ['a function', anyGrants(delegated), /allow takes grants/],
    ['a middleware', anyGrants(publicRoute()), /allow takes grants/],
    [
      'a grant made by hand',
      anyGrants({
        kind: 'application',
        permissions: [],
        userRole: undefined,
        narrowing: { kind: 'none' },
        conditions: [],
        everyTenant: false,
        catalogue: elsewhere.catalogue,
      }),
      /allow takes grants/,
    ],
    ['a copy of a grant', anyGrants({ ...delegated('Mail.Read') }), /allow takes grants/],
    [
      'a grant whose members are replaced',
      anyGrants(Object.create(delegated('Mail.Read'), { permissions: { value: [] } })),
      /allow takes grants/,
    ],
    [
      'a narrow permission without its rule',
      anyGrants(own),
      /Mailbox\.OwnedBy needs its rule: \.owned\(record\).*\.ownedOnly\(record\).*\.creates\(record\)/,
    ],
    ['a narrow delegated permission without its rule', anyGrants(delegated('Mailbox.OwnedBy')), /needs its rule/],
    ['a narrow permission of one word', anyGrants(application('OwnedBy')), /needs its rule/],
    ['Selected without its rule', anyGrants(application('Selected')), /needs its rule/],
    [
      'a narrow permission with a condition only',
      anyGrants((own as unknown as Anything).when?.('it', () => true)),
      /needs its rule/,
    ],
    [
      'a narrow permission on any record',
      anyGrants((delegated('Mailbox.OwnedBy') as unknown as Anything).onAnyRecord?.()),
      /needs its rule/,
    ],
    ['a narrow permission across tenants only', anyGrants(own.acrossTenants()), /needs its rule/],
    ['a grant twice', anyGrants(delegated('Mail.Read'), delegated('Mail.Read')), /delegated Mail\.Read is there twice/],
    ['a narrowed grant twice', anyGrants(own.owned(mailbox), own.owned(mailbox)), /is there twice/],
    [
      'a permission bare and narrowed',
      anyGrants(application('Mail.Read'), application('Mail.Read').owned(mailbox)),
      /"application Mail\.Read, owned mailbox".*Keep the one you mean/,
    ],
    [
      'narrowed and bare',
      anyGrants(application('Mail.Read').owned(mailbox), application('Mail.Read')),
      /Keep the one you mean/,
    ],
    [
      'bare and with a condition',
      anyGrants(
        application('Mail.Read'),
        application('Mail.Read').when('it', () => true),
      ),
      /Keep the one you mean/,
    ],
    [
      'bare and with a user role',
      anyGrants(delegated('Mail.Read').withUserRole('Dispatcher'), delegated('Mail.Read')),
      /Keep the one you mean/,
    ],
    [
      'bare and with another permission',
      anyGrants(delegated('Mail.Read').and('Mail.Send'), delegated('Mail.Read')),
      /Keep the one you mean/,
    ],
    [
      'both orders of an all-of',
      anyGrants(delegated('Mail.Read').and('Mail.Send'), delegated('Mail.Send').and('Mail.Read')),
      /Keep the one you mean/,
    ],
    [
      'on any record and narrowed',
      anyGrants(delegated('Mail.Read').onAnyRecord(), delegated('Mail.Read').owned(mailbox)),
      /Keep the one you mean/,
    ],
    [
      'bare and across tenants',
      anyGrants(application('Mail.Read'), application('Mail.Read').acrossTenants()),
      /Keep the one you mean/,
    ],
    [
      'grants of two catalogues',
      anyGrants(delegated('Mail.Read'), elsewhere.application('Mail.Read')),
      /of another catalogue/,
    ],
  ])('with %s stops the start', (_name, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(ConfigurationError);
  });

  it.each<[name: string, make: () => unknown]>([
    ['one permission of both kinds', anyGrants(delegated('Mail.Read'), application('Mail.Read'))],
    ['a narrow and a wide permission', anyGrants(own.owned(mailbox), application('Mail.Read'))],
    ['one permission narrowed to two kinds of record', anyGrants(own.owned(mailbox), own.owned(other))],
    ['a name that only begins like a narrow one', anyGrants(application('Not.OwnedByAnyone'))],
    ['a name with OwnedBy in the middle', anyGrants(application('OwnedBy.All'))],
    [
      'two conditions on one permission',
      anyGrants(
        delegated('Mail.Read').when('a', () => true),
        delegated('Mail.Read').when('b', () => true),
      ),
    ],
  ])('with %s is fine', (_name, make) => {
    expect(make).not.toThrow();
  });
});

describe('record', () => {
  it.each<[name: string, options: unknown, message: RegExp]>([
    ['no options', undefined, /name is missing/],
    ['null', null, /name is missing/],
    ['no name', { ...mailboxOptions, name: undefined }, /name is missing/],
    ['an empty name', { ...mailboxOptions, name: '' }, /name is missing/],
    ['an empty param', { ...mailboxOptions, param: '' }, /param must be the name of a route parameter/],
    ['a param that is a number', { ...mailboxOptions, param: 0 }, /param must be/],
    ['no find', { ...mailboxOptions, find: undefined }, /find is missing/],
    ['no owners', { ...mailboxOptions, owners: undefined }, /owners is missing/],
    ['owners that are an array', { ...mailboxOptions, owners: [] }, /owners is missing/],
    ['a tenant that is a string', { ...mailboxOptions, tenant: 'tenantId' }, /tenant must be a function/],
    [
      'no notOwner',
      { ...mailboxOptions, notOwner: undefined },
      /choose notOwner: 'forbidden' \(403\) or 'not-found' \(404/,
    ],
    ['another notOwner', { ...mailboxOptions, notOwner: 404 }, /choose notOwner/],
  ])('with %s stops the start', (_name, options, message) => {
    expect(() => record(options as never)).toThrow(message);
  });
});
