import request from 'supertest'
import { expect, it } from 'vitest'
import { createApp } from '../src/create-app.js'

it('keeps books', async () => {
  const app = createApp({ title: 'Shelf' })
  await request(app).get('/').expect(200, { title: 'Shelf' })
  await request(app).post('/books').send({ title: 'Emma' }).expect(201)
  const { body } = await request(app).get('/books')
  expect(body).toEqual(['Emma'])
})

it('tells what cannot be read', () => request(createApp()).post('/books').type('json').send('{').expect(400))
