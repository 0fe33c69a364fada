"use strict";

const express = require("express");
const notes = require("./notes");

// What the tool must not take for code: const app = express()
const app = express();

app.disable("x-powered-by");
app.use(express.json({ limit: "100kb" }));
app.use(function requestTime(req, res, next) {
  res.set("X-Request-Time", String(Date.now()));
  next();
});

app.get("/health", (req, res) => {
  res.json({ status: "ok", pattern: /^\/api\/["'`(]/.source });
});
app.use("/notes", notes);

app.use((req, res) => {
  res.status(404).json({ error: `no ${req.method} ${req.path}` });
});

app.use((err, req, res, next) => {
  res.status(500).json({ error: "internal" });
});

module.exports = app;
