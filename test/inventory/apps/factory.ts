import express from 'express';

export function createApp(store: object) {
  return express().get('/made', (_req, res) => void res.json(store));
}
