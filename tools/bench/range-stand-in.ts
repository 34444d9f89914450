import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands for the range API of Have I Been Pwned, which is not asked here. */
export interface RangeStandIn {
  readonly url: string;
  /** The requests so far. */
  readonly calls: { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
  /** Adds passwords that are known from breaches. */
  know(...passwords: readonly string[]): void;
  /** Answers in another way; undefined for its own. */
  answer: ((response: ServerResponse) => void) | undefined;
  close(): void;
}

export async function startRangeStandIn(): Promise<RangeStandIn> {
  const known = new Map<string, string[]>();
  const server = createServer((request, response) => {
    standIn.calls.push({ path: request.url ?? "", headers: request.headers });
    if (standIn.answer) return standIn.answer(response);
    const lines = (known.get(request.url?.split("/").at(-1) ?? "") ?? []).map((suffix) => `${suffix}:42`);
    response.end([...padding, ...lines].join("\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: RangeStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer: undefined,
    know(...passwords) {
      for (const password of passwords) {
        const hash = sha1Of(password);
        const prefix = hash.slice(0, 5);
        known.set(prefix, [...(known.get(prefix) ?? []), hash.slice(5)]);
      }
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return standIn;
}

/** As the API spells it. */
export function sha1Of(password: string): string {
  return createHash("sha1").update(password.normalize("NFC")).digest("hex").toUpperCase();
}

/** As in the real one's answers: many lines of hashes that nobody has, with the count 0. */
const padding = Array.from({ length: 800 }, (_, place) => `${place.toString(16).toUpperCase().padStart(35, "0")}:0`);
