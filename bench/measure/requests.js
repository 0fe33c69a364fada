import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express from 'express';

const socket = new Socket();

/** An Express app to which requests belong, with so many routes. */
export function makeApp(middlewares = [], handlers = []) {
  const app = express();
  for (const each of middlewares) app.use(each);
  handlers.forEach((handler, index) => {
    app.get(`/things-${index}`, handler, (_req, res) => res.end());
  });
  return app;
}

/**
 * A request and its response: node's own objects, headers read, prototypes changed as Express does. What Express adds to them on
 * the way to the first middleware is left out: on Node 20 each property that is added after the prototype was changed gives an
 * object a hidden class of its own, and that would be counted as the library's. The row over HTTP has all of it.
 */
export function makeRequest(app, authorization) {
  const req = new IncomingMessage(socket);
  req.method = 'GET';
  req.url = '/orders';
  req.rawHeaders = ['Host', '127.0.0.1', 'Accept', 'application/json', 'Authorization', authorization];
  req.headers = { host: '127.0.0.1', accept: 'application/json', authorization };
  const res = new ServerResponse(req);
  req.res = res;
  Object.setPrototypeOf(req, app.request);
  Object.setPrototypeOf(res, app.response);
  return { req, res };
}
