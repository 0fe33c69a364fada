import express from 'express';
import { unknownTenant } from '../aadsts.js';
import type { Endpoint } from '../endpoints.js';
import { answerTokenRequest } from '../grants/answer-token-request.js';

/** The token endpoint: every grant type goes through it. */
export const token: Endpoint = (app, entra) => {
  app.post(
    '/:tenant/oauth2/v2.0/token',
    express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' }),
    async (req, res, next) => {
      try {
        const tenantName = String(req.params.tenant);
        const tenant = entra.directory.tenant(tenantName);
        if (!tenant) {
          throw unknownTenant(tenantName.toLowerCase(), 'invalid_request');
        }
        const form = new URLSearchParams(typeof req.body === 'string' ? req.body : '');
        const { authorization } = req.headers;
        const answer = await answerTokenRequest({ entra, tenantId: tenant.tenantId, version: 2, form, authorization });
        res.set('Cache-Control', 'no-store').json(answer);
      } catch (error) {
        next(error);
      }
    },
  );
};
