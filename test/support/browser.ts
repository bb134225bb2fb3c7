/** What a browser does with a link: it follows redirects, and keeps the cookies of each host for it alone. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Where it ends, at most ten redirects on. */
  async open(link: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    let at = link;
    for (let hops = 0; hops < 10; hops++) {
      const response = await this.visit(at, headers);
      const location = response.headers.get('location');
      if (location === null) return response;
      await response.body?.cancel();
      at = new URL(location, at).href;
    }
    throw new Error(`${link} leads round in a circle`);
  }

  /** One page, without following where it leads; a form is sent there. */
  async visit(url: string, headers: Readonly<Record<string, string>> = {}, form?: URLSearchParams): Promise<Response> {
    const { host } = new URL(url);
    const own = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...headers, ...(cookie ? { cookie } : {}) },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      own.set(name, value);
    }
    return response;
  }
}
