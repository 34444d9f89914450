/** A browser without pages: it keeps cookies by host and path `/`, and follows redirects when told to. */
export interface Browser {
  /** Goes to a URL. @returns the answer, a redirect included */
  visit(url: string, init?: RequestInit): Promise<Response>;
  /** The cookies that it holds, by name. */
  readonly cookies: Map<string, string>;
}

export function createBrowser(): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async visit(url, init = {}) {
      const headers = new Headers(init.headers);
      if (cookies.size > 0) headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      const response = await fetch(url, { ...init, headers, redirect: "manual" });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return response;
    },
  };
}

/** Where an answer sends the browser. */
export function locationOf(response: Response): URL {
  return new URL(response.headers.get("location") ?? "");
}
