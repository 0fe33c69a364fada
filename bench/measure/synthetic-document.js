/** As many as Microsoft Graph's document had in August 2026. */
const graph = { permissions: 917, paths: 7_343, pairs: 18_867 };

/** How many paths the measured permission opens, spread over the document. */
const opened = 512;

/**
 * A permissions document `times` the size of Microsoft Graph's, and the paths of requests for what one of its permissions opens.
 *
 * @param {number} times
 * @param {string} scope the delegated permission that opens what is asked for
 */
export function syntheticDocument(times, scope) {
  const paths = Array.from({ length: Math.round(graph.paths * times) }, (_, number) => template(number));
  const count = Math.round(graph.permissions * times);
  const perPermission = Math.round((graph.pairs * times) / count);
  const permissions = Object.fromEntries(
    Array.from({ length: count }, (_, number) => {
      const first = Math.floor((number * paths.length) / count);
      const own = Array.from({ length: perPermission }, (_, i) => paths[(first + i * 7) % paths.length]);
      const half = Math.ceil(own.length / 2);
      return [`Area${number}.Read.All`, permission([own.slice(0, half), own.slice(half)])];
    }),
  );
  const every = Math.max(1, Math.floor(paths.length / opened));
  const asked = paths.filter((_, i) => i % every === 0).slice(0, opened);
  return {
    document: { permissions: { ...permissions, [scope]: permission([asked, []]) } },
    asked: asked.map((path) => path.replaceAll('{id}', 'a81f3c').replaceAll('{value}', "'a81f3c'")),
    paths: paths.length,
  };
}

/** Two to eight segments, literals and parameters, one in sixteen a call, as in Microsoft Graph's. */
function template(number) {
  const collection = `/collection${number % 97}${number % 16 === 5 ? '(key={value})' : '/{id}'}`;
  const depth = number % 4;
  return `${collection}${'/children/{id}'.repeat(depth)}/operation${number}`;
}

function permission([read, write]) {
  const scheme = {
    adminDisplayName: 'Read an area',
    adminDescription: 'Lets the app read an area.',
    userDisplayName: 'Read an area',
    userDescription: 'Lets the app read an area.',
    privilegeLevel: 3,
  };
  const schemeKeys = ['DelegatedWork', 'Application'];
  const pathSet = (methods, paths) => ({
    schemeKeys,
    methods,
    paths: Object.fromEntries(paths.map((path) => [path, 'least=DelegatedWork'])),
  });
  return {
    authorizationType: 'oAuth2',
    schemes: { DelegatedWork: scheme, Application: scheme },
    pathSets: [pathSet(['GET'], read), pathSet(['POST', 'PATCH'], write)].filter(
      ({ paths }) => Object.keys(paths).length > 0,
    ),
  };
}
