/** Two middlewares that do nothing: what Express itself takes to call them. */
export async function create() {
  return {
    middlewares: [
      function first(_req, _res, next) {
        next();
      },
      function second(_req, _res, next) {
        next();
      },
    ],
  };
}
