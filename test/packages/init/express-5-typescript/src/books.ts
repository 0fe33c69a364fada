import { Router } from 'express'

export function books(): Router {
  const titles: string[] = []
  return Router()
    .get('/', (_req, res) => {
      res.json(titles)
    })
    .post('/', (req, res) => {
      titles.push(String(req.body.title))
      res.status(201).json(titles)
    })
}
