import express, {
  type ErrorRequestHandler,
  type Express,
} from 'express'
import { books } from './books.js'

const answerErrors: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  res.status(error.status ?? 500).json({ error: error.message })
}

export function createApp({ title = 'Books' }: { title?: string } = {}): Express {
  const app: Express = express()
  app.set('json spaces', 2)
  app.use(express.json())
  app.get('/', (_req, res) => {
    res.json({ title })
  })
  app.use('/books', books())
  app.use(answerErrors)
  return app
}
