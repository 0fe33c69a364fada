import { createApp } from './create-app.js'

createApp().listen(3000)
