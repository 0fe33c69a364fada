/** What an application writes after a verifier that knows nothing of permissions. */
export function requireScope(scope) {
  return function requireScope(req, res, next) {
    if (req.auth.scp.split(' ').includes(scope)) next();
    else res.sendStatus(403);
  };
}

/** What an application writes around a verifier that knows nothing of Express. */
export function bearer(verify) {
  return function bearer(req, res, next) {
    const [scheme, token] = (req.headers.authorization ?? '').split(' ');
    if (scheme !== 'Bearer' || token === undefined) return res.sendStatus(401);
    const proceed = (claims) => {
      req.auth = claims;
      next();
    };
    const refuse = () => res.sendStatus(401);
    let claims;
    try {
      claims = verify(token);
    } catch {
      return refuse();
    }
    if (claims instanceof Promise) claims.then(proceed, refuse);
    else proceed(claims);
  };
}
