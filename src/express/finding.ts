/** Something about the routes of an app that is not as it should be, or may not be meant. */
export interface Finding {
  /**
   * Stable. These stop the start, as findings of `assertDeclared`:
   *
   * | code | |
   * |---|---|
   * | `undeclared_route` | neither `allow` nor `publicRoute` is on the way to the handler |
   * | `late_declaration` | `allow` or `publicRoute` stands after the handler of its route |
   * | `public_by_use` | it is public only by a `publicRoute` in an `app.use` for every path |
   * | `created_by_id` | `.creates(record)` on a route whose path ends in the id of such a record |
   * | `late_authenticate` | `authenticate` stands after an `allow`, or whatever asks who is calling, which then refuses everyone with 500 |
   * | `missing_parameter` | a record is looked for by a parameter that the path does not have |
   * | `every_record` | a delegated grant opens every record to every user, and nothing says that this is meant |
   * | `unlimited_permission` | an application permission is limited by `.within(scopes)` on one route and unlimited on another |
   * | `hidden_app` | an app is mounted where Express keeps it in a closure, and is not named in `mounted` |
   * | `mounted_not_found` | what is named in `mounted` is not at that path |
   *
   * These are only reported:
   *
   * | code | |
   * |---|---|
   * | `any_record` | a delegated grant opens every record to every user, as `.onAnyRecord()` says or another grant beside it leaves open |
   * | `unlimited_list` | a list is open where the items in it are limited to owners, selections or scopes |
   * | `repeated_route` | a method and path are there twice |
   * | `no_authenticate` | no `authenticate` can be seen before an `allow`: it may be in a parent app or in a function of your own |
   * | `unknown_path` | Express does not remember where a router is mounted |
   * | `not_in_document` | a route that the middleware before it, which decides by a list of operations, lets no one reach |
   * | `unused_permission` | no route that can be seen asks for a permission of the catalogue that is enabled |
   */
  readonly code: string;
  /** One or two sentences, with the way out. */
  readonly message: string;
  /** As in the operation that it is about; left out where it is about none, or several. */
  readonly method?: string;
  readonly path?: string;
}

const stops: ReadonlySet<string> = new Set([
  'undeclared_route',
  'late_declaration',
  'public_by_use',
  'created_by_id',
  'late_authenticate',
  'missing_parameter',
  'every_record',
  'unlimited_permission',
  'hidden_app',
  'mounted_not_found',
]);

/** Whether `assertDeclared` stops the start for it. */
export function stopsStart({ code }: Finding): boolean {
  return stops.has(code);
}
