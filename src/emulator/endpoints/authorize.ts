import type { Request, Response } from 'express';
import { AadstsError, aadstsBody, malformedRequest, repeatedParameter } from '../aadsts.js';
import { authorizationAnswer } from '../authorization/authorization-answer.js';
import { authorizationRequest } from '../authorization/authorization-request.js';
import { type ReplyAddress, replyAddress } from '../authorization/reply-address.js';
import { signInStep } from '../authorization/sign-in-step.js';
import type { Version } from '../documents.js';
import type { Endpoint } from '../endpoints.js';
import type { LocalEntra } from '../local-entra.js';
import { accountPage } from '../pages/account-page.js';
import { consentPage } from '../pages/consent-page.js';
import { formActions } from '../pages/form-actions.js';
import { formPostPage } from '../pages/form-post-page.js';
import { refusalPage } from '../pages/refusal-page.js';
import { sendPage } from '../pages/send-page.js';
import { choiceOf } from './choice-of.js';
import { onlyFromOwnPages } from './only-from-own-pages.js';
import { formOf, queryOf, readForm } from './read-form.js';

const paths: readonly (readonly [string, Version])[] = [
  ['/:tenant/oauth2/v2.0/authorize', 2],
  ['/:tenant/oauth2/authorize', 1],
];

/** The authorization endpoints. They remember nothing between pages: each form brings the whole request along. */
export const authorize: Endpoint = (app, entra) => {
  for (const [path, version] of paths) {
    app.all(path, readForm, (req, res, next) => {
      if (req.method !== 'GET' && req.method !== 'POST') {
        next();
        return;
      }
      try {
        answerAuthorization(entra, version, req, res);
      } catch (error) {
        const refusal = error instanceof AadstsError ? error : malformedRequest();
        logRefusal(entra, req, refusal);
        sendPage(res, refusal.status, refusalPage(refusal));
      }
    });
  }
};

function answerAuthorization(entra: LocalEntra, version: Version, req: Request, res: Response): void {
  const { parameters, choice } = read(req);
  for (const name of parameters.keys()) {
    if (parameters.getAll(name).length > 1) {
      throw repeatedParameter(name);
    }
  }
  const reply = replyAddress(entra.directory, String(req.params.tenant), parameters);
  try {
    const request = authorizationRequest(reply, version, parameters);
    const step = signInStep(entra.directory, request, choice);
    const target = { action: `${req.path}?${parameters}`, formActions: formActions(reply.redirectUri) };
    switch (step.kind) {
      case 'pick-account':
        sendPage(res, 200, accountPage(target, request.application.displayName, step.accounts, step.unknownHint));
        return;
      case 'consent':
        sendPage(res, 200, consentPage(target, step.consent));
        return;
      case 'signed-in':
        answer(req, res, reply, authorizationAnswer(entra, request, reply, step.user));
    }
  } catch (error) {
    if (!(error instanceof AadstsError)) {
      throw error;
    }
    logRefusal(entra, req, error);
    const { error: name, error_description, error_uri } = aadstsBody(error);
    answer(req, res, reply, { error: name, error_description, error_uri });
  }
}

/** A request may come as a form (OpenID Connect Core §3.1.2.1); a decision comes as a form beside the request in the query. */
function read(req: Request) {
  const [query, form] = [queryOf(req), formOf(req)];
  if (req.method === 'POST' && !query.has('client_id')) {
    return { parameters: form, choice: {} };
  }
  if (req.method === 'POST') {
    onlyFromOwnPages(req);
  }
  return { parameters: query, choice: choiceOf(form) };
}

function answer(
  req: Request,
  res: Response,
  { redirectUri, responseMode, state }: ReplyAddress,
  result: Readonly<Record<string, string>>,
): void {
  const parameters = { ...result, ...(state !== undefined && { state }) };
  if (responseMode === 'form_post') {
    sendPage(res, 200, formPostPage(redirectUri, parameters));
    return;
  }
  const url = new URL(redirectUri);
  if (responseMode === 'fragment') {
    url.hash = new URLSearchParams(parameters).toString();
  } else {
    for (const [name, value] of Object.entries(parameters)) {
      url.searchParams.set(name, value);
    }
  }
  res
    .status(req.method === 'POST' ? 303 : 302)
    .set({ Location: url.href, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
    .end();
}

function logRefusal({ log }: LocalEntra, { method, path }: Request, { code, error }: AadstsError): void {
  log.add({ event: 'refused', method, path, code, error });
}
