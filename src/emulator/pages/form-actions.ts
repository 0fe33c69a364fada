/**
 * Where a form on a page may lead: back to the application, which may send the browser on. A browser holds the whole chain
 * against the page's policy, and an application on this machine tends to be several servers.
 */
export function formActions(redirectUri: string): readonly string[] {
  const { protocol, hostname, host } = new URL(redirectUri);
  if (protocol !== 'http:' && protocol !== 'https:') {
    return [protocol];
  }
  const isLoopback = ['localhost', '127.0.0.1'].includes(hostname);
  return isLoopback
    ? ['http://localhost:*', 'https://localhost:*', 'http://127.0.0.1:*', 'https://127.0.0.1:*']
    : [`${protocol}//${host}`];
}
