const request = require("supertest");
const app = require("../src/app");

test("health", () => request(app).get("/health").expect(200));

test("notes are written and read", async () => {
  await request(app).post("/notes").send({ text: "milk" }).expect(201);
  await request(app).get("/notes").expect(200, ["milk"]);
});

test("what is wrong is told as before", async () => {
  await request(app).post("/notes").send({}).expect(500, { error: "internal" });
  await request(app).get("/nothing").expect(404, { error: "no GET /nothing" });
});
