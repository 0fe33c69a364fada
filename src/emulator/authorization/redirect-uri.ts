import { missingParameter, noRedirectUri, redirectUriUnknown } from '../aadsts.js';
import type { Application } from '../directory/application.js';
import type { Platform } from '../grants/sign-in.js';

const platforms = ['spa', 'web', 'publicClient'] as const;

/** The platform that a redirect URI is registered for. Compared as a whole, but for the port on this machine. */
export function platformOf(
  application: Application,
  redirectUri: string | null,
): { redirectUri: string; platform: Platform } {
  if (platforms.every((platform) => application.redirectUris[platform].length === 0)) {
    throw noRedirectUri(application);
  }
  if (!redirectUri) {
    throw missingParameter('redirect_uri');
  }
  const platform =
    platformWhere(application, (registered) => registered === redirectUri) ??
    platformWhere(application, (registered) => isOnAnotherPort(registered, redirectUri));
  if (!platform || !URL.canParse(redirectUri)) {
    throw redirectUriUnknown(application, redirectUri);
  }
  return { redirectUri, platform };
}

function platformWhere({ redirectUris }: Application, fits: (registered: string) => boolean): Platform | undefined {
  return platforms.find((platform) => redirectUris[platform].some(fits));
}

/** RFC 8252 §7.3: a program on this machine listens on whatever port is free. */
function isOnAnotherPort(registered: string, redirectUri: string): boolean {
  if (!URL.canParse(registered) || !URL.canParse(redirectUri)) {
    return false;
  }
  const [one, other] = [new URL(registered), new URL(redirectUri)];
  const isLoopback = one.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(one.hostname);
  one.port = '';
  other.port = '';
  return isLoopback && one.href === other.href;
}
