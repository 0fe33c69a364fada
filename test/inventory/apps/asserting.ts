import express from 'express';
import { assertDeclared } from 'express-app-roles';

export const app = express()
  .get('/a', (_req, res) => void res.json({}))
  .get('/b', (_req, res) => void res.json({}));
assertDeclared(app);
