import { text } from 'node:stream/consumers';
import { addressOf, inventory, type Operation } from '../express/index.js';
import type { Grant } from '../permissions/index.js';
import { isLoopback, type TokenOptions } from '../token/index.js';
import { asUsageError } from './as-usage-error.js';
import { type Admission, allowAsJson, describeAllow, explainAllow } from './explain-grants.js';
import { describeToken, explainToken, type TokenExplanation, tokenAsJson } from './explain-token.js';
import { loadApp } from './load-app.js';
import { loadPermissions } from './load-permissions.js';
import { readGuid } from './read-guid.js';
import { columns, UsageError, type Verb, type VerbArguments } from './verb.js';

/** `express-app-roles explain`: who a token says is calling, and what a route or a grant makes of it. */
export const explain: Verb = {
  name: 'explain',
  summary: 'Who a token (from standard input) says is calling, and why a route admits it or does not.',
  positionals: [],
  options: {
    tenant: { value: 'GUID', summary: 'have it verified: the one tenant of the API' },
    'client-id': { value: 'GUID', summary: 'have it verified: the client id of the API' },
    authority: {
      value: 'URL',
      summary: 'of External ID, or of a local Entra. Default: the Microsoft cloud of --cloud',
    },
    cloud: { value: 'NAME', summary: 'global, usGovernment or china. Default global' },
    app: { value: 'FILE', summary: 'the module that exports an Express app; goes with --route' },
    export: { value: 'NAME', summary: 'the export that is the app. Default: default, app, or the one that is one' },
    route: { value: 'ROUTE', summary: "method and template, as inventory prints them: 'GET /mailboxes/:id'" },
    permissions: { value: 'FILE', summary: 'the module with definePermissions; goes with --grant' },
    grant: {
      value: 'GRANT',
      summary: "kind and permission: 'application Mail.Send', 'delegated Mail.Read and Mail.Send'",
    },
    json: { summary: 'print { isVerified, caller, token, refusal, requirement }' },
  },
  details: `
The token is read from standard input only. Without --tenant and --client-id nothing is proven of it, and nobody is asked:
what is printed is what the token says, headed NOT VERIFIED. With them its signature is checked with the authority's keys.

Neither the token nor a name in it is printed: of a person the object id alone. What the options of authenticate add (deny,
applicationsMustProve), conditions and records are not asked: what depends on them is said to depend.

Exit codes: 0, 1 where the token or the caller is refused, 2 for bad input.`,
  examples: [
    { command: 'pbpaste | npx express-app-roles explain', what: 'who is calling' },
    {
      command:
        "npx express-app-roles explain --tenant <GUID> --client-id <GUID> --app src/app.ts --route 'POST /users/:id/sendMail' < token.txt",
      what: 'verified, against a route',
    },
    {
      command:
        "npx express-app-roles explain --permissions src/permissions.ts --grant 'application Mail.Send' < token.txt",
      what: 'against a grant',
    },
  ],

  async run({ options }) {
    const tokenOptions = readTokenOptions(options);
    const requirement = await readRequirement(options);
    const explanation = await explainGiven(await readToken(), tokenOptions);
    const verdict = requirement && judge(requirement, explanation);
    if (options.json === true) {
      const json = { ...tokenAsJson(explanation), ...(verdict && { requirement: verdict.json }) };
      process.stdout.write(`${JSON.stringify(json)}\n`);
    } else {
      const parts = [header(explanation), columns(describeToken(explanation)), ...(verdict ? ['', verdict.text] : [])];
      process.stdout.write(`${parts.join('\n')}\n`);
    }
    return explanation.refusal !== undefined || verdict?.admits === 'no' ? 1 : undefined;
  },
};

type Options = VerbArguments['options'];

function readTokenOptions({ tenant, 'client-id': clientId, authority, cloud }: Options): TokenOptions | undefined {
  if ([tenant, clientId, authority, cloud].every((each) => each === undefined)) return undefined;
  const common = { tenant: readGuid('--tenant', tenant), clientId: readGuid('--client-id', clientId) };
  if (authority === undefined) return { ...common, ...(cloud !== undefined && { cloud: cloud as 'global' }) };
  if (cloud !== undefined) throw new UsageError('--authority and --cloud exclude each other: keep one.');
  const url = URL.canParse(String(authority)) ? new URL(String(authority)) : undefined;
  if (url === undefined) throw new UsageError('--authority: must be an address, like https://contoso.ciamlogin.com.');
  if (!isLoopback(url.hostname)) return { ...common, authority: url.origin };
  process.env.NODE_ENV ??= 'development';
  return { ...common, testAuthority: url.origin };
}

async function explainGiven(token: string, options: TokenOptions | undefined): Promise<TokenExplanation> {
  if (options !== undefined && process.stderr.isTTY) process.stderr.write('Asking the authority for its keys …\n');
  try {
    return await explainToken(token, options);
  } catch (error) {
    return asUsageError(() => {
      throw error;
    });
  }
}

async function readToken(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Paste the token, then Enter and Ctrl-D.\n');
  const token = (await text(process.stdin)).trim().replace(/^Bearer +/i, '');
  if (token === '')
    throw new UsageError('no token came from standard input: npx express-app-roles explain < token.txt');
  return token;
}

/** What a caller is held against. */
interface Requirement extends Pick<Operation, 'allows' | 'isPublic'> {
  readonly name: string;
}

async function readRequirement(options: Options): Promise<Requirement | undefined> {
  const { app, route, permissions, grant } = options;
  if ((app === undefined) !== (route === undefined)) {
    throw new UsageError("--app and --route go together: --app src/app.ts --route 'GET /mailboxes/:id'.");
  }
  if ((permissions === undefined) !== (grant === undefined)) {
    throw new UsageError(
      "--permissions and --grant go together: --permissions src/permissions.ts --grant 'application Mail.Send'.",
    );
  }
  if (route !== undefined && grant !== undefined)
    throw new UsageError('--route and --grant exclude each other: keep one.');
  if (route !== undefined) return readRoute(String(app), String(route), options.export as string | undefined);
  return grant === undefined ? undefined : readGrant(String(permissions), String(grant));
}

async function readRoute(file: string, route: string, name: string | undefined): Promise<Requirement> {
  const [, verb, path] = /^([A-Za-z]+) +(\/\S*)$/.exec(route.trim()) ?? [];
  if (verb === undefined || path === undefined) {
    throw new UsageError("--route: must be a method and a template, like --route 'GET /mailboxes/:id'.");
  }
  const method = verb.toUpperCase();
  const { app, mounted } = await loadApp(file, name);
  const { operations } = asUsageError(() => inventory(app, { mounted }));
  for (const each of method === 'HEAD' ? ['HEAD', 'GET', 'ALL'] : [method, 'ALL']) {
    const found = operations.find((operation) => addressOf(operation) === addressOf({ method: each, path }));
    if (found) return { ...found, name: `${found.method} ${found.path}` };
  }
  const near = operations.filter((operation) => operation.path.split('/')[1] === path.split('/')[1]);
  const names = near.map((operation) => `${operation.method} ${operation.path}`).join(', ');
  throw new UsageError(
    `${file}: has no ${method} ${path}. ${names ? `There is ${names}.` : `See: express-app-roles inventory ${file}`}`,
  );
}

/** Steps of a grant, as far as they are used here. */
interface Step extends Grant {
  and(name: string): Step;
}

async function readGrant(file: string, text: string): Promise<Requirement> {
  const [, kind, names] = /^(delegated|application) +(\S+(?: +and +\S+)*)$/.exec(text.trim()) ?? [];
  if (kind === undefined || names === undefined) {
    throw new UsageError("--grant: must be a kind and a permission, like --grant 'application Mail.Send'.");
  }
  const permissions = (await loadPermissions(file)) as unknown as Record<string, (name: string) => Step>;
  const [first = '', ...others] = names.split(/ +and +/);
  const grant = asUsageError(() => others.reduce((step, name) => step.and(name), permissions[kind]?.(first) as Step));
  return { name: `${kind} ${[first, ...others].join(' and ')}`, isPublic: false, allows: [[grant]] };
}

function judge({ name, isPublic, allows }: Requirement, { caller, refusal }: TokenExplanation) {
  if (isPublic && refusal === undefined) return verdict(name, 'yes', 'anyone may call it', []);
  if (allows.length === 0 && !isPublic) return verdict(name, 'no', 'it is not declared, so no one may call it', []);
  if (caller === undefined) return verdict(name, 'no', 'it is not known who is calling', []);
  const explained = allows.map((grants) => explainAllow(caller, grants));
  const admits = (['no', 'depends', 'yes'] as const).find((each) => explained.some((allow) => allow.admits === each));
  const of = { no: 'not admitted', depends: 'admitted, if what it depends on is so', yes: 'admitted' };
  return verdict(name, admits ?? 'no', of[admits ?? 'no'], explained);
}

function verdict(name: string, admits: Admission, what: string, allows: readonly ReturnType<typeof explainAllow>[]) {
  return {
    admits,
    text: [`${name}: ${what}`, ...allows.map(describeAllow)].join('\n'),
    json: { name, admits, allows: allows.map(allowAsJson) },
  };
}

function header({ isVerified, refusal }: TokenExplanation): string {
  if (!isVerified) return 'NOT VERIFIED: this is what the token says, and anyone can write such a token.';
  return refusal ? 'REFUSED by the authority and options that were given.' : 'VERIFIED with the keys of the authority.';
}
