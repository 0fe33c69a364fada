/** What a browser shows or where it is sent: enough of one for pages that need no script. */
export interface View {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where an application was answered, however it was: in the query, the fragment or a form. */
  readonly answer: Readonly<Record<string, string>> | undefined;
  readonly location: URL | undefined;
  /** Presses the button with this text. */
  press(text: string, fields?: Readonly<Record<string, string>>): Promise<View>;
}

export async function browse(url: string | URL, init: RequestInit = {}): Promise<View> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const html = await response.text();
  const at = response.headers.get('location');
  const location = at === null ? undefined : new URL(at);
  const form = /<form method="post" action="([^"]*)">/.exec(html);
  const action = form && new URL(unescaped(form[1] ?? ''), url);
  const hidden = inputs(html);
  const isAnswer = action && action.origin !== new URL(url).origin;
  return {
    status: response.status,
    headers: response.headers,
    html,
    location: location ?? (isAnswer ? action : undefined),
    answer: location
      ? Object.fromEntries([...location.searchParams, ...new URLSearchParams(location.hash.slice(1))])
      : isAnswer
        ? hidden
        : undefined,
    async press(text, fields = {}) {
      const button = [...html.matchAll(/<button(?: name="([^"]*)" value="([^"]*)")?>([^<]*)/g)].find(
        ([, , , label]) => unescaped(label ?? '').trim() === text,
      );
      if (!button || !action) {
        throw new Error(`There is no button ${text} on\n${html}`);
      }
      const own = button[1] === undefined ? {} : { [button[1]]: button[2] ?? '' };
      return browse(action, {
        method: 'POST',
        body: new URLSearchParams({ ...hidden, ...fields, ...own }),
        headers: { origin: action.origin },
      });
    },
  };
}

function inputs(html: string): Record<string, string> {
  const found = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name, unescaped(value ?? '')]));
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
