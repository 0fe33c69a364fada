import express, { type Express, type RequestHandler } from 'express';
import { allow, isRefusal, problemDetails, publicRoute, Refusal, type RefusalCode, record } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  authority,
  clientId,
  delegated,
  mailboxRecord,
  tellError,
} from './api.js';

/** Every refusal there is: a name that goes, or a status that changes, breaks a client. */
const statuses: Record<RefusalCode, number> = {
  no_credential: 401,
  malformed_credential: 400,
  repeated_credential: 400,
  oversized_credential: 400,
  several_credentials: 400,
  not_a_jwt: 401,
  encrypted_token: 401,
  algorithm_not_allowed: 401,
  critical_header: 401,
  embedded_key: 401,
  not_typ_jwt: 401,
  missing_key_id: 401,
  graph_token: 401,
  duplicate_member: 401,
  id_token: 401,
  bound_token: 401,
  invalid_claim: 401,
  wrong_issuer: 401,
  wrong_tenant: 401,
  wrong_audience: 401,
  expired: 401,
  not_yet_valid: 401,
  unknown_key: 401,
  wrong_key_issuer: 401,
  bad_signature: 401,
  contradictory_kind: 401,
  unknown_kind: 401,
  agent_needs_idtyp: 401,
  idtyp_required: 401,
  personal_application: 401,
  denied: 401,
  no_permission: 401,
  kind_not_accepted_application: 403,
  kind_not_accepted_delegated: 403,
  missing_scope: 403,
  missing_app_role: 403,
  missing_user_role: 403,
  permission_disabled: 403,
  personal_account: 403,
  work_account: 403,
  not_owner: 403,
  not_selected: 403,
  out_of_scope: 403,
  condition_failed: 403,
  not_found: 404,
  unknown_operation: 404,
  unknown_method: 405,
  keys_unavailable: 503,
  revocations_unavailable: 503,
};
const codes = Object.keys(statuses) as RefusalCode[];
const realm = `Bearer realm="${clientId}"`;

/** A route that is refused as told, by the one door there is. */
function refusing(code: RefusalCode): RequestHandler {
  const broken = record<object>({
    name: 'broken',
    find: () => {
      throw new Refusal(code, { detail: 'for the log', retryAfter: 7 });
    },
    owners: () => [],
    notOwner: 'forbidden',
  });
  return allow(delegated('Mail.Read').owned(broken)) as RequestHandler;
}

const answered: RequestHandler = (_req, res) => void res.json({});

describe('each refusal', () => {
  it.each(codes)('%s: its status, a constant sentence, and a challenge of quotable ASCII', async (code) => {
    const app = apiWith((each) => each.get('/:id', refusing(code), answered));
    const { status, body, headers } = await ask(app, '/x', as.user('Mail.Read'));
    expect(status).toBe(statuses[code]);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z][A-Za-z ]+$/),
      status,
      code,
      detail: new Refusal(code).message,
    });
    expect(headers['retry-after']).toBe('7');
    const challenge = headers['www-authenticate'];
    if (status === 401) expect(challenge).toBeDefined();
    if (status === 404 || status === 503) expect(challenge).toBeUndefined();
    if (challenge !== undefined)
      expect(challenge).toMatch(
        /^Bearer realm="[0-9a-f-]{36}"(, error="[a-z_]+", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+"(, scope="[\x21\x23-\x5b\x5d-\x7e ]*")?)?$/,
      );
  });

  it.each(codes)('%s is an Error with what a handler may show, and no more', (code) => {
    const refusal = new Refusal(code, { detail: 'for the log' });
    expect(isRefusal(refusal)).toBe(true);
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal.statusCode).toBe(refusal.status);
    expect(JSON.stringify(refusal)).not.toContain('for the log');
    expect(Object.keys(refusal)).not.toContain('detail');
  });

  it.each([undefined, null, 'x', {}, new Error('x'), { code: 'no_credential', status: 401 }])('%s is none', (value) => {
    expect(isRefusal(value)).toBe(false);
  });
});

describe("without problemDetails, Express's own handler", () => {
  const bare = (environment: string): Express => {
    const app = express().set('env', environment).use(authentication());
    return app.get('/:id', allow(delegated('Mail.Read'), application('Mail.Read')), answered);
  };
  const silently = async <T>(work: () => Promise<T>): Promise<T> => {
    const { error } = console;
    console.error = () => {};
    try {
      return await work();
    } finally {
      console.error = error;
    }
  };

  it.each(['test', 'production', 'development'])('sends status and challenge: %s', async (environment) => {
    await silently(async () => {
      const app = bare(environment);
      const anonymous = await ask(app, '/x');
      expect([anonymous.status, anonymous.headers['www-authenticate']]).toEqual([401, realm]);
      const lacking = await ask(app, '/x', as.user('x'));
      expect([lacking.status, lacking.headers['www-authenticate']]).toEqual([
        403,
        expect.stringContaining('scope="Mail.Read"'),
      ]);
      const bad = await ask(app, '/x', 'a.b.c');
      expect([bad.status, bad.headers['www-authenticate']]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
      const malformed = await ask(app, '/x').set('Authorization', 'Bearer a b');
      expect([malformed.status, malformed.headers['www-authenticate']]).toEqual([
        400,
        expect.stringContaining('error="invalid_request"'),
      ]);
    });
  });

  it.each(['test', 'production', 'development'])("keeps another scheme's challenge: %s", async (environment) => {
    await silently(async () => {
      const app = express().set('env', environment);
      app.use((_req, res, next) => {
        res.setHeader('WWW-Authenticate', 'Basic realm="old"');
        next();
      });
      app.use(authentication()).get('/x', allow(delegated('Mail.Read')), answered);
      expect((await ask(app, '/x')).headers['www-authenticate']).toBe(`Basic realm="old", ${realm}`);
    });
  });

  it('says nothing of a mistake of ours in production', async () => {
    await silently(async () => {
      const app = express().set('env', 'production').use(authentication()).get('/x', answered);
      const { status, text } = await ask(app, '/x');
      expect(status).toBe(500);
      expect(text).not.toContain('declared');
    });
  });
});

describe("an application's own error handler", () => {
  it('keeps the challenge, and sees status, code and sentence', async () => {
    const app = express()
      .use(authentication())
      .get('/:id', allow(delegated('Mail.Read')), answered);
    app.use((error: Refusal, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status(error.status).json({ error: { code: error.code, message: error.message } });
    });
    const { status, body, headers } = await ask(app, '/x');
    expect([status, headers['www-authenticate'], body.error.code]).toEqual([401, realm, 'no_credential']);
    expect((await ask(app, '/x', as.user('x'))).headers['www-authenticate']).toContain('insufficient_scope');
  });
});

describe('problemDetails', () => {
  it('leaves every other error to the next handler', async () => {
    const app = express().use(authentication());
    app.get('/mine', publicRoute(), () => {
      throw Object.assign(new Error('mine'), { status: 418 });
    });
    app.get('/ours', answered);
    app.use(problemDetails(), tellError);
    expect((await ask(app, '/mine')).body).toEqual({ name: 'Error', message: 'mine' });
    expect((await ask(app, '/ours')).body.name).toBe('ConfigurationError');
  });

  it('leaves an answer that has begun alone', async () => {
    const app = express().use(authentication()).use(publicRoute());
    app.get('/x', (_req, res, next) => {
      res.write('begun');
      next(new Refusal('not_found'));
    });
    app.use(
      problemDetails(),
      (_error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => void res.end(),
    );
    expect((await ask(app, '/x')).text).toBe('begun');
  });

  it('answers a refusal that a handler threw, with its headers', async () => {
    const { mailbox } = mailboxRecord();
    const app = apiWith((each) => {
      each.get('/:id', allow(application('Mail.Read')), (req, res, next) => {
        mailbox.load(req).then((found) => res.json(found), next);
      });
    });
    const { status, body, headers } = await ask(app, '/nothing', as.app(['Mail.Read']));
    expect([status, body.code, headers['www-authenticate']]).toEqual([404, 'not_found', undefined]);
  });

  it('answers HEAD without a body', async () => {
    const app = apiWith((each) => each.get('/x', allow(delegated('Mail.Read')), answered));
    const { status, text, headers } = await ask(app, '/x', undefined, 'head');
    expect([status, text ?? '', headers['www-authenticate']]).toEqual([401, '', realm]);
  });
});

describe('keys that cannot be had', () => {
  it('are a 503 with Retry-After and without a challenge, also by Express alone', async () => {
    authority.intercept = (_req, res) => {
      res.writeHead(500).end();
      return true;
    };
    for (const last of [[problemDetails()], []]) {
      const app = express()
        .use(authentication())
        .get('/x', allow(delegated('Mail.Read')), answered);
      for (const each of last) app.use(each);
      const { status, headers } = await ask(app, '/x', as.user('Mail.Read'));
      expect([status, headers['www-authenticate']]).toEqual([503, undefined]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    authority.intercept = undefined;
  });
});

describe('cross-origin requests', () => {
  /** What the `cors` package does, in short. */
  const cors: RequestHandler = (req, res, next) => {
    res.set({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'WWW-Authenticate' });
    if (req.method !== 'OPTIONS') return next();
    res.set('Access-Control-Allow-Headers', 'Authorization').status(204).set('Content-Length', '0').end();
  };

  it.each([
    ['before', [cors], []],
    ['after', [], [cors]],
  ])('a preflight is answered with cors %s authenticate', async (_name, before, after) => {
    const app = express();
    for (const each of [...before, authentication() as RequestHandler, ...after]) app.use(each);
    app.get('/x', allow(delegated('Mail.Read')), answered).use(problemDetails());
    const preflight = await ask(app, '/x', undefined, 'options').set({
      Origin: 'https://web.test',
      'Access-Control-Request-Method': 'GET',
    });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
  });

  it('a refusal can be read by the page with cors before authenticate', async () => {
    const app = express()
      .use(cors)
      .use(authentication())
      .get('/x', allow(delegated('Mail.Read')), answered)
      .use(problemDetails());
    for (const token of [undefined, 'a.b.c', as.user('x')]) {
      const { headers } = await ask(app, '/x', token);
      expect(headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'WWW-Authenticate',
        'www-authenticate': expect.stringContaining(realm),
      });
    }
  });
});
