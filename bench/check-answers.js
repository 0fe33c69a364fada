/** What each token must be answered. Without a list there is no token at all. */
const refused = [
  'badSignature',
  'otherAudience',
  'otherIssuer',
  'expired',
  'withoutScope',
  'garbage',
  'noise',
  undefined,
];

/**
 * Nothing is measured of what does not do the work: every contender admits the good token and refuses each bad one.
 *
 * @param {Record<string, { ask(list?: string): Promise<number> }>} servers
 * @throws Error that names who did not
 */
export async function checkAnswers(servers) {
  const wrong = [];
  for (const [name, server] of Object.entries(servers)) {
    // Twice: the second answer may come from what was remembered.
    for (let turn = 0; turn < 2; turn++) {
      const status = await server.ask('seen');
      if (status !== 200) wrong.push(`${name} answered a good token ${status}`);
      for (const list of refused) {
        const status = await server.ask(list);
        if (status < 400 || status > 499) wrong.push(`${name} answered ${list ?? 'no token'} ${status}`);
      }
    }
  }
  if (wrong.length > 0) throw new Error(`Wrong answers:\n${wrong.join('\n')}`);
}
