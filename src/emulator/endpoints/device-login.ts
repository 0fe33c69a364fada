import type { Request, Response } from 'express';
import { AadstsError, malformedRequest } from '../aadsts.js';
import { signInStep } from '../authorization/sign-in-step.js';
import type { Endpoint } from '../endpoints.js';
import type { LocalEntra } from '../local-entra.js';
import { accountPage } from '../pages/account-page.js';
import { consentPage } from '../pages/consent-page.js';
import { deviceCodePage, deviceConfirmationPage, deviceDonePage } from '../pages/device-pages.js';
import { refusalPage } from '../pages/refusal-page.js';
import { sendPage } from '../pages/send-page.js';
import { choiceOf } from './choice-of.js';
import { onlyFromOwnPages } from './only-from-own-pages.js';
import { formOf, queryOf, readForm } from './read-form.js';

const PATH = '/devicelogin';

/** The page on which a person signs a device in. */
export const deviceLogin: Endpoint = (app, entra) => {
  app.get(PATH, (req, res) => {
    const target = { action: PATH, formActions: [] };
    sendPage(res, 200, deviceCodePage(target, queryOf(req).get('user_code') ?? '', false));
  });
  app.post(PATH, readForm, (req, res) => {
    try {
      onlyFromOwnPages(req);
      decide(entra, req, res);
    } catch (error) {
      const refusal = error instanceof AadstsError ? error : malformedRequest();
      entra.log.add({ event: 'refused', method: 'POST', path: PATH, code: refusal.code, error: refusal.error });
      sendPage(res, refusal.status, refusalPage(refusal));
    }
  });
};

function decide(entra: LocalEntra, req: Request, res: Response): void {
  const { deviceCodes } = entra.authorizations;
  const form = formOf(req);
  const userCode = form.get('user_code') ?? '';
  const code = deviceCodes.waiting(userCode);
  if (!code) {
    sendPage(res, 200, deviceCodePage({ action: PATH, formActions: [] }, userCode, true));
    return;
  }
  const { deviceCode, request } = code;
  const { displayName } = request.application;
  const target = { action: PATH, hidden: { user_code: code.userCode }, formActions: [] };
  const choice = choiceOf(form);
  if (choice.decision === 'decline') {
    deviceCodes.decide(deviceCode, 'declined');
    sendPage(res, 200, deviceDonePage(displayName, 'declined'));
    return;
  }
  const step = signInStep(entra.directory, request, choice);
  if (step.kind === 'pick-account') {
    sendPage(res, 200, accountPage(target, displayName, step.accounts, undefined));
  } else if (step.kind === 'consent') {
    sendPage(res, 200, consentPage(target, step.consent));
  } else if (choice.decision !== 'accept') {
    sendPage(res, 200, deviceConfirmationPage(target, displayName, step.user));
  } else {
    deviceCodes.decide(deviceCode, { approvedBy: step.user });
    sendPage(res, 200, deviceDonePage(displayName, 'approved'));
  }
}
