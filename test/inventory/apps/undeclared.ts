import express from 'express';

/** Of use to no one: nothing in it is declared. */
export default express().get('/open', (_req, res) => void res.json({}));

export const createApp = () => express().get('/made', (_req, res) => void res.json({}));
