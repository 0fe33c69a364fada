import { documentAt } from '../documents.js';
import type { Endpoint } from '../endpoints.js';

/** Discovery documents and key sets, v1.0 and v2.0. */
export const discovery: Endpoint = (app, entra) => {
  app.use((req, res, next) => {
    const document = req.method === 'GET' || req.method === 'HEAD' ? documentAt(entra, req.path) : undefined;
    if (document) {
      res.json(document);
    } else {
      next();
    }
  });
};
