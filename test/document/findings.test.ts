import express, { type Request, type Response } from 'express';
import { ConfigurationError, inventory, problemDetails } from 'express-app-roles';
import { type DocumentFinding, type PathSet, permissionsFromDocument } from 'express-app-roles/document';
import { describe, expect, it } from 'vitest';
import { as, ask, authentication, mailboxRecord, tenantId } from '../express/api.js';
import { permissions } from './api.js';
import graph from './graph-permissions-slice.json' with { type: 'json' };

const text = {
  adminDisplayName: 'Do it',
  adminDescription: 'Do it.',
  userDisplayName: 'Do it',
  userDescription: 'Do it.',
};
const schemes = { DelegatedWork: text, Application: text };
const set = (paths: Record<string, string>, more: object = {}): PathSet => ({
  schemeKeys: ['Application'],
  methods: ['GET'],
  paths,
  ...more,
});
const least = 'least=Application';

/** A document of one permission, `A.Read`, and others that open a path of their own. */
function documentOf(pathSets: readonly PathSet[], more: object = {}, others: object = {}) {
  const other = { schemes, pathSets: [set({ '/other': least })] };
  return { permissions: { 'A.Read': { schemes, pathSets, ...more }, 'B.Read': other, ...others } };
}

async function ofApplication(document: ReturnType<typeof documentOf>, path: string, ...roles: string[]) {
  const own = permissionsFromDocument(document);
  const app = express();
  app.use(authentication({ permissions: own }), own.enforce());
  app.use((_req: Request, res: Response) => void res.json({ answered: true }));
  app.use(problemDetails());
  const response = await ask(app, path, as.app(roles));
  return { findings: own.findings, answer: [response.status, response.body.code] };
}

describe('what is wrong in a document is reported, with path and permission, and opens nothing', () => {
  type Case = [
    name: string,
    pathSets: readonly PathSet[],
    code: DocumentFinding['code'],
    path: string | undefined,
    more?: object,
  ];
  it.each<Case>([
    ['a brace too many', [set({ '/a/{id}}': least })], 'broken-template', '/a/{id}}'],
    ['a brace too few', [set({ '/a/{id': least })], 'broken-template', '/a/{id'],
    [
      'a scheme that the permission lacks',
      [set({ '/a/{id}': '' }, { schemeKeys: ['DelegatedPersonal'] })],
      'unknown-scheme',
      undefined,
    ],
    ['a scheme that is none', [set({ '/a/{id}': '' }, { schemeKeys: ['application'] })], 'unknown-scheme', undefined],
    ['a method that is none', [set({ '/a/{id}': '' }, { methods: ['get'] })], 'unknown-method', undefined],
    ['a word that is not known', [set({ '/a/{id}': `${least};AlsoRequire=B.Read` })], 'unreadable', '/a/{id}'],
    ['a word that names nothing', [set({ '/a/{id}': `${least};AlsoRequires=` })], 'unreadable', '/a/{id}'],
    ['a demand that is not known', [set({ '/a/{id}': least }, { alsoRequire: 'B.Read' })], 'unreadable', undefined],
    ['a limit to properties', [set({ '/a/{id}': least }, { excludedProperties: ['salary'] })], 'unreadable', undefined],
    [
      'an expression that is not closed',
      [set({ '/a/{id}': least }, { alsoRequires: '(B.Read | A.Read' })],
      'unreadable',
      undefined,
    ],
    [
      'an expression without a name',
      [set({ '/a/{id}': least }, { alsoRequires: 'B.Read &' })],
      'unreadable',
      undefined,
    ],
    ['an empty expression', [set({ '/a/{id}': least }, { alsoRequires: '' })], 'unreadable', undefined],
    [
      'something also required that there is not',
      [set({ '/a/{id}': `${least};AlsoRequires=C.Read` })],
      'also-requires',
      '/a/{id}',
    ],
    [
      'something also required of users alone',
      [set({ '/a/{id}': `${least};AlsoRequires=User.Read` })],
      'also-requires',
      '/a/{id}',
    ],
    [
      'something also required with a rule',
      [set({ '/a/{id}': `${least};AlsoRequires=C.OwnedBy` })],
      'also-requires',
      '/a/{id}',
    ],
    [
      'two different demands for one operation',
      [set({ '/a/{id}': least }), set({ '/A/{other}': 'AlsoRequires=B.Read' })],
      'contradiction',
      '/A/{other}',
    ],
    [
      'a permission that a token does not prove',
      [set({ '/a/{id}': least })],
      'not-enforced',
      undefined,
      { authorizationType: 'RSC' },
    ],
  ])('%s', async (_name, pathSets, code, path, more) => {
    const others = {
      'User.Read': { schemes: { DelegatedWork: text }, pathSets: [] },
      'C.OwnedBy': { schemes, pathSets: [] },
    };
    const { findings, answer } = await ofApplication(
      documentOf(pathSets, more, others),
      '/a/1',
      'A.Read',
      'B.Read',
      'C.OwnedBy',
    );
    expect(findings).toContainEqual(expect.objectContaining({ code, permissions: ['A.Read'], path }));
    expect(answer).toEqual([404, 'unknown_operation']);
  });

  it('and shadows what a more general template would open in its place', async () => {
    const document = documentOf([
      set({ '/a/{id}': least }),
      set({ '/a/x': least }),
      set({ '/a/x': `AlsoRequires=B.Read` }),
    ]);
    expect((await ofApplication(document, '/a/1', 'A.Read')).answer).toEqual([200, undefined]);
    expect((await ofApplication(document, '/a/x', 'A.Read', 'B.Read')).answer).toEqual([404, 'unknown_operation']);
  });

  it('leaves open what is right beside it', async () => {
    const document = documentOf([
      set({ '/a/{id}}': least, '/a/{id}': `${least};AlsoRequires=C.Read,B.Read` }, { methods: ['GET', 'FETCH'] }),
    ]);
    expect((await ofApplication(document, '/a/1', 'A.Read')).answer).toEqual([403, 'missing_app_role']);
    expect((await ofApplication(document, '/a/1', 'A.Read', 'B.Read')).answer).toEqual([200, undefined]);
  });
});

describe('what is only reported', () => {
  it.each<[string, readonly PathSet[], DocumentFinding]>([
    [
      'no permission is said to be the least privileged one',
      [set({ '/a': '' })],
      {
        code: 'no-least',
        permissions: ['A.Read'],
        path: '/a',
        message: 'GET /a: none of A.Read is said to be the least privileged one for Application.',
      },
    ],
    [
      'more than one is',
      [set({ '/Other': least })],
      {
        code: 'several-least',
        permissions: ['A.Read', 'B.Read'],
        path: '/Other',
        message: 'GET /Other: more than one of A.Read, B.Read is said to be the least privileged one for Application.',
      },
    ],
    [
      'it is, for callers to whom the path set opens nothing',
      [set({ '/a': 'least=Application,DelegatedWork' })],
      {
        code: 'least-outside-path-set',
        permissions: ['A.Read'],
        path: '/a',
        message: 'A.Read /a: least names DelegatedWork, to which the path set opens nothing.',
      },
    ],
  ])('%s', async (_name, pathSets, finding) => {
    const [path = ''] = Object.keys(pathSets[0]?.paths ?? {});
    const { findings, answer } = await ofApplication(documentOf(pathSets), path, 'A.Read');
    expect(findings).toEqual([finding]);
    expect(answer).toEqual([200, undefined]);
  });

  it('that a permission is implicit: it is demanded nevertheless', async () => {
    const document = documentOf([set({ '/a': least })], { implicit: true });
    const { findings, answer } = await ofApplication(document, '/a', 'B.Read');
    expect(findings.map(({ code }) => code)).toEqual(['not-enforced']);
    expect(answer).toEqual([403, 'missing_app_role']);
  });
});

describe('what stops the start', () => {
  it.each<[string, unknown, RegExp]>([
    ['no document', undefined, /it must be an object/],
    ['a list', [], /it must be an object/],
    ['no permissions', { permissions: {} }, /has no permission/],
    ['a permission without schemes', { permissions: { A: { pathSets: [] } } }, /^A\.schemes must be an object/],
    [
      'one with schemes that are none',
      { permissions: { A: { schemes: { Work: {} }, pathSets: [] } } },
      /^A\.schemes: at least one/,
    ],
    ['one without path sets', { permissions: { A: { schemes } } }, /^A\.pathSets must be a list/],
    [
      'a path set without methods',
      documentOf([{ schemeKeys: [], paths: {} } as never]),
      /^A\.Read\.pathSets\[0\]\.methods must be a list/,
    ],
    ['a path that says a number', documentOf([set({ '/a': 1 as never })]), /paths\['\/a'\] must be text/],
    [
      'a name that cannot be registered',
      { permissions: { 'A B': { schemes, pathSets: [] } } },
      /cannot be the value of a permission/,
    ],
  ])('%s', (_name, document, message) => {
    const start = () => permissionsFromDocument(document as never);
    expect(start).toThrow(ConfigurationError);
    expect(start).toThrow(message);
  });

  const { mailbox } = mailboxRecord();
  const name = 'Mailbox.ReadWrite.OwnedBy';
  const selections = { roles: ['read', 'write'], key: () => '', rolesOf: () => [] };
  const all = { '/mailboxes/{id}': mailbox, '/mailboxes': { ownedOnly: mailbox } };
  it.each<[string, unknown, RegExp]>([
    [
      'no rule where the name demands it',
      undefined,
      /needs its rule on GET \/mailboxes, POST \/mailboxes, GET \/mailboxes\/\{id\}/,
    ],
    [
      'a rule on a part of its paths',
      { records: { [name]: { '/mailboxes/{id}': mailbox } } },
      /needs its rule on GET \/mailboxes \(no entry is about this path\), POST \/mailboxes/,
    ],
    [
      'a rule for one method',
      { records: { [name]: { ...all, '/mailboxes': undefined, 'GET /mailboxes': { ownedOnly: mailbox } } } },
      /say a record, 'any-record'/,
    ],
    [
      'a record whose parameter a path has not',
      { records: { [name]: mailbox } },
      /GET \/mailboxes \(it has no parameter \{id\}\)/,
    ],
    [
      'a parameter that is there twice',
      { records: { [name]: mailbox } },
      /GET \/mailboxes\/\{id\}\/folders\/\{id\} \(it has \{id\} more than once\)/,
    ],
    ['every record, against its name', { records: { [name]: 'any-record' } }, /needs its rule/],
    [
      'a list where a record is meant',
      { records: { [name]: { '/mailboxes/{id}': { ownedOnly: mailbox }, '/mailboxes': { ownedOnly: mailbox } } } },
      /folders\/\{id\} \(no entry/,
    ],
    [
      'a record on a path without a parameter',
      { records: { [name]: { '/mailboxes': mailbox } } },
      /'\/mailboxes' has no parameter that names the record/,
    ],
    [
      'a path that the permission does not have',
      { records: { [name]: { ...all, '/mailbox/{id}': mailbox } } },
      /opens nothing at '\/mailbox\/\{id\}'/,
    ],
    ['a path that is none', { records: { [name]: { ...all, '/mailboxes/{id': mailbox } } }, /is no path/],
    [
      'two uses at once',
      { records: { [name]: { ownedOnly: mailbox, creates: mailbox } } },
      /say a record, 'any-record'/,
    ],
    ['no record', { records: { [name]: { creates: 'mailbox' } } }, /name what is created/],
    [
      'a selection without a store',
      { records: { [name]: { selectedOnly: mailbox } } },
      /where grants of single records are stored/,
    ],
    [
      'a selection without its role',
      { records: { [name]: { selectedOnly: { ...mailbox, selections } } } },
      /needs a role of the record: read, write/,
    ],
    [
      'a rule for a kind that it has not',
      { records: { [name]: { delegated: mailbox } } },
      /is not in the document as 'delegated'/,
    ],
    [
      'a rule for what there is not',
      { records: { [name]: all, 'Mail.Raed': mailbox } },
      /records: 'Mail\.Raed' is not in the document/,
    ],
    [
      'a condition for what there is not',
      { records: { [name]: all }, conditions: { 'Mail.Raed': { name: 'x', test: () => true } } },
      /conditions: 'Mail\.Raed' is not in the document/,
    ],
    [
      'a condition without a test',
      { records: { [name]: all }, conditions: { 'Mail.Read': { name: 'x' } } },
      /needs a name and a function/,
    ],
  ])('%s', (_name, options, message) => {
    const start = () => permissions.enforce(options as never);
    expect(start).toThrow(ConfigurationError);
    expect(start).toThrow(message);
  });
});

describe('the slice of the document of Microsoft Graph', () => {
  const own = permissionsFromDocument(graph);
  const { mailbox: record } = mailboxRecord({
    find: (id) => ({ id, tenantId, owners: [] }),
    selections: { roles: ['read'], key: ({ id }) => id, rolesOf: () => [] },
  });
  const enforce = own.enforce({
    records: {
      'Application.ReadWrite.OwnedBy': {
        '/applications/{id}': record,
        '/applications(appid={value})': record,
        '/serviceprincipals/{id}': record,
        '/serviceprincipals(appid={value})': record,
        ...listsOf('Application.ReadWrite.OwnedBy', { creates: record }),
      },
      'Sites.Selected': {
        delegated: listsOf('Sites.Selected', { ownedOnly: record }),
        application: listsOf('Sites.Selected', { selectedOnly: record }),
      },
    },
  });
  const app = express();
  app.use(authentication({ permissions: own }), enforce);
  app.use((req: Request, res: Response) => void res.json(record.reach(req)));
  app.use(problemDetails());

  /** One entry for each path of a permission, which holds for that alone. */
  function listsOf<U>(permission: keyof typeof graph.permissions, use: U): Record<`/${string}`, U> {
    const paths = graph.permissions[permission].pathSets.flatMap((each) => Object.keys(each.paths));
    const isItem = (path: string) =>
      permission.endsWith('OwnedBy') && /^\/(applications|serviceprincipals)(\/\{|\()/i.test(path);
    return Object.fromEntries(paths.filter((path) => !/\}\}/.test(path) && !isItem(path)).map((path) => [path, use]));
  }

  it('is read, and what is wrong in it is found', () => {
    expect(Object.keys(own.catalogue)).toHaveLength(35);
    expect(own.findings.filter(({ code }) => code === 'broken-template')).toEqual([
      expect.objectContaining({ permissions: ['Application.ReadWrite.OwnedBy'], path: '/applications/{id}}/repair' }),
    ]);
    expect(own.findings.filter(({ code }) => code === 'contradiction')).toEqual([]);
    const count = (wanted: DocumentFinding['code']) => own.findings.filter(({ code }) => code === wanted).length;
    expect([count('missing-text'), count('not-enforced')]).toEqual([2, 2]);
  });

  it('opens each operation to whom it says, and to no one else', { timeout: 120_000 }, async () => {
    const refused: string[] = [];
    const admitted: string[] = [];
    for (const [name, { pathSets, authorizationType }] of Object.entries(graph.permissions)) {
      for (const { paths, methods, schemeKeys } of pathSets) {
        const [path, properties] = Object.entries(paths)[0] ?? [];
        const [method = 'GET'] = methods;
        if (path === undefined || path.includes('}}') || /OwnedBy|Selected/.test(name)) continue;
        const asked = path.replaceAll(/'?\{[^}]*\}'?/g, (text, at: number) =>
          path[at - 1] === '=' ? "'1'" : `x${text.length}`,
        );
        for (const scheme of ['DelegatedWork', 'Application'] as const) {
          const token = scheme === 'Application' ? as.app([name]) : as.user(name);
          const { status } = await ask(app, asked, token, method.toLowerCase() as 'get');
          const others = /AlsoRequires=([^;]*)/.exec(properties ?? '')?.[1];
          const isOpen = schemeKeys.includes(scheme) && authorizationType === 'oAuth2' && others === undefined;
          const elsewhere = pathSets.some(
            (each) =>
              each.paths[path as never] !== undefined &&
              each.methods.includes(method) &&
              each.schemeKeys.includes(scheme),
          );
          if (isOpen) admitted.push(`${status} ${name} ${method} ${asked} ${scheme}`);
          else if (!elsewhere) refused.push(`${status} ${name} ${method} ${asked} ${scheme}`);
        }
      }
    }
    expect(admitted.length).toBeGreaterThan(100);
    expect(refused.length).toBeGreaterThan(30);
    expect(admitted.filter((each) => !each.startsWith('200'))).toEqual([]);
    expect(refused.filter((each) => !/^40[34]/.test(each))).toEqual([]);
  });

  it('is listed by the inventory as it is enforced', () => {
    const { operations } = inventory(app);
    const listed = new Map(operations.map((each) => [`${each.method} ${each.path}`, each]));
    expect(listed.get('GET /applications\\(appid=:value\\)/owners')).toMatchObject({
      isPathKnown: true,
      parameters: ['value'],
      isPublic: false,
    });
    expect(listed.get('GET /me/drive/root\\:/:id\\:/content')).toBeDefined();
    expect(operations.every(({ allows }) => allows.length === 1 && (allows[0] ?? []).length > 0)).toBe(true);
  });
});
