"use strict";

const { Router } = require("express");

const notes = [];
const router = Router();

router.get("/", (req, res) => res.json(notes));
router.post("/", (req, res) => {
  if (typeof req.body.text !== "string") throw new Error("text is missing");
  notes.push(req.body.text);
  res.status(201).json(notes);
});

module.exports = router;
