import type { Authorization, TestedGrant } from '../assignments/index.js';
import type { Principal } from '../caller/index.js';
import { isLoopback } from '../token/index.js';
import { readGuid } from './read-guid.js';
import { columns, UsageError, type Verb, type VerbArguments } from './verb.js';

/** `express-app-roles test-authorization`: asks a running API what `authorizationRoute` answers. */
export const testAuthorization: Verb = {
  name: 'test-authorization',
  summary: 'May this client do that to this record, and through which assignment? Asks a running API.',
  positionals: ['URL'],
  options: {
    client: { value: 'GUID', summary: 'object id of its service principal (enterprise application)' },
    tenant: { value: 'GUID', summary: 'of the client. Default: that of the token' },
    'token-variable': { value: 'NAME', summary: 'the environment variable that holds an access token for the API' },
    json: { summary: 'print what the API answers' },
  },
  details: `
The URL is that of an authorizationRoute of the API, with the record in it and without the client. It is https, or on this machine.
The answer is from what the API has stored: which permissions Entra grants to the client it does not know.

Exit codes: 0 where a grant opens the record, 1 for none or a failure, 2 for bad input.`,
  examples: [
    {
      command:
        'npx express-app-roles test-authorization https://mail.example.com/mailboxes/42/senders --client 22222222-2222-4222-8222-222222222222 --token-variable TOKEN',
      what: 'may this client send from mailbox 42?',
    },
  ],

  async run({ positionals: [address], options }) {
    const url = readUrl(address);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${readGuid('--client', options.client)}`;
    if (options.tenant !== undefined) url.searchParams.set('tenantId', readGuid('--tenant', options.tenant));
    const answer = await ask(url, readToken(options));
    process.stdout.write(`${options.json === true ? JSON.stringify(answer) : describe(answer)}\n`);
    return answer.isAuthorized ? undefined : 1;
  },
};

type Answer = Authorization & { readonly client: Principal };

function readUrl(address: string | undefined): URL {
  if (address === undefined || !URL.canParse(address))
    throw new UsageError('name the URL, like https://…/mailboxes/42/senders.');
  const url = new URL(address);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw new UsageError(`${url.origin}: a token is sent over https only, or to this machine.`);
}

function readToken({ 'token-variable': variable }: VerbArguments['options']): string {
  if (typeof variable !== 'string')
    throw new UsageError('--token-variable is missing: the name of the environment variable that holds the token.');
  const token = process.env[variable];
  if (token === undefined || token === '')
    throw new UsageError(`--token-variable ${variable}: there is no such environment variable.`);
  return token;
}

async function ask(url: URL, token: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const response = await fetch(url, { headers, redirect: 'error' }).catch(() => {
    throw new Error(`no answer from ${url.origin}`);
  });
  const body = (await response.json().catch(() => ({}))) as Partial<Answer> & { readonly detail?: unknown };
  if (response.ok && Array.isArray(body.grants)) return body as Answer;
  throw new Error(
    response.ok
      ? `${url.origin}${url.pathname} is no authorizationRoute`
      : `${response.status}: ${typeof body.detail === 'string' ? body.detail : response.statusText}`,
  );
}

function describe({ client, isAuthorized, grants }: Answer): string {
  const head = isAuthorized
    ? `${client.objectId} may, with a token that carries the permissions of a grant that matched:`
    : `${client.objectId} may not, whatever its token carries:`;
  return [head, columns(grants.flatMap(linesOf))].join('\n');
}

function linesOf({ grant, outcome, conditions, assignments }: TestedGrant): (readonly [string, string])[] {
  const asked = conditions.length === 0 ? '' : `, if ${conditions.join(' and ')}`;
  const lines = assignments?.map(
    ({ scope, assignment, isInScope }) =>
      [`  ${scope}`, `${isInScope ? 'in' : 'not in'} scope, assignment ${assignment}`] as const,
  );
  return [[grant, `${outcome}${asked}`], ...(lines ?? [])];
}
