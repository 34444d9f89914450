import { createClient, type Client, type ClientOptions } from "../../client/src/index.ts";
import { whenDone } from "../support/when-done.ts";

/** A request that a client has sent to the service, and the status that it got; 0 when the answer was lost. */
export interface Sent {
  readonly call: string;
  readonly body: string;
  readonly headers: Headers;
  readonly status: number;
}

/** What happens to a request on its way; undefined lets it through. */
export type Way = (request: Request, pass: () => Promise<Response>) => Promise<Response> | undefined;

/** A browser without pages, or a phone: the cookies that the service sets, and clients, each as a tab. */
export interface Device {
  readonly baseUrl: string;
  readonly sent: Sent[];
  readonly cookies: Map<string, string>;
  /** How many requests have not come back from the service yet. */
  readonly underWay: number;
  /** What happens to requests from now on. */
  way: Way | undefined;
  open(options?: Partial<ClientOptions>): Client;
  /** How many requests went to this path. */
  count(path: string): number;
}

let count = 0;

/** @param url of the service. Each device has a path of its own in front, so that no other hears its tabs. */
export function createDevice(url: string): Device {
  const [sent, cookies] = [[] as Sent[], new Map<string, string>()];
  let underWay = 0;
  count += 1;
  const baseUrl = `${url}/device${count}`;
  const device: Device = {
    baseUrl,
    sent,
    cookies,
    get underWay() {
      return underWay;
    },
    way: undefined,
    count: (path) => sent.filter(({ call }) => call.endsWith(` ${path}`)).length,
    open(options = {}) {
      const client = createClient({ baseUrl, fetch: send, ...options });
      whenDone(async () => client.close());
      return client;
    },
  };
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const target = request.url.replace(baseUrl, url);
    const [body, headers] = [await request.clone().text(), new Headers(request.headers)];
    const record = (status: number) =>
      sent.push({ call: `${request.method} ${new URL(target).pathname}`, body, headers, status });
    const pass = async () => {
      const isOurs = target.startsWith(url);
      if (isOurs && request.credentials === "include" && cookies.size > 0)
        headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      const { method, signal } = request;
      underWay += 1;
      const onward = { method, headers, signal, ...(body !== "" && { body }), redirect: "manual" } as const;
      const response = await fetch(target, onward).finally(() => (underWay -= 1));
      if (isOurs && request.credentials === "include") keepCookies(cookies, response);
      return response;
    };
    try {
      const response = await (device.way?.(request, pass) ?? pass());
      record(response.status);
      return response;
    } catch (error) {
      record(0);
      throw error;
    }
  };
  return device;
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

/** A storage that a test can look into. */
export function createStorage() {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  return { items, storage };
}

/** An answer that a gateway or the service might give. */
export function refusal(status: number, headers: Record<string, string> = {}, code = "OVERLOADED"): Response {
  const body = { success: false, status_code: status, message: "Not now", error_code: code, details: {} };
  return Response.json(body, { status, headers });
}
