import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { whenDone } from "./when-done.ts";

/** Stands for Have I Been Pwned, which tests may not reach. */
export interface RangeApi {
  readonly url: string;
  /** The requests so far. */
  readonly calls: { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
  /** Adds passwords that are known from breaches. */
  know(...passwords: readonly string[]): void;
  /** Answers in another way; undefined for its own. */
  answer: ((response: ServerResponse) => void) | undefined;
}

export async function startRangeApi(): Promise<RangeApi> {
  const known = new Map<string, string[]>();
  const api: RangeApi = { url: "", calls: [], answer: undefined, know };
  function know(...passwords: readonly string[]): void {
    for (const password of passwords) {
      const hash = sha1Of(password);
      known.set(hash.slice(0, 5), [...(known.get(hash.slice(0, 5)) ?? []), hash.slice(5)]);
    }
  }
  const server = createServer((request, response) => {
    api.calls.push({ path: request.url ?? "", headers: request.headers });
    if (api.answer) return api.answer(response);
    const lines = (known.get(request.url?.split("/").at(-1) ?? "") ?? []).map((suffix) => `${suffix}:42`);
    response.end([...padding, ...lines].join("\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(api, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

export function sha1Of(password: string): string {
  return createHash("sha1").update(password.normalize("NFC")).digest("hex").toUpperCase();
}

/** As in the real one's answers: as many lines, of hashes that nobody has, with the count 0. */
const padding = Array.from({ length: 800 }, (_, place) => `${place.toString(16).toUpperCase().padStart(35, "0")}:0`);
