import { catalogue, type CatalogueEntry } from "../../shared/http/catalogue.ts";
import { formBody } from "../../shared/http/form-body.ts";
import { envelope } from "../../shared/http/formats/envelope.ts";
import { blocks, type RawRequest } from "./blocking.ts";
import { headers, headerTexts, jsonShapes, memberNames, texts, type Hostile } from "./hostile.ts";
import { password } from "./people.ts";
import { home } from "./social.ts";

/** What the host lets in, less room for the rest of the line or head. */
const sizes = { header: 30 * 1024, target: 7 * 1024 };
/** So much of it comes first: what is worse than linear shows by it, and would take minutes with the largest. */
const little = 1 / 16;

/** What is sent first, and what only once that has blocked nobody. */
export interface Attacks {
  readonly small: readonly Attack[];
  readonly large: readonly Attack[];
}

export interface Attack {
  readonly what: string;
  readonly request: RawRequest;
}

/** An endpoint, and what a caller of it has. */
export interface Target extends Pick<CatalogueEntry, "route" | "access" | "format" | "body" | "query"> {
  readonly method: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** The largest body. */
  readonly bodyBytes: number;
  /** Names the answer that the caller already has: of a large document all is read, and nothing is sent. */
  readonly etag?: string | undefined;
}

const nowhere: Omit<Target, "credentials" | "bodyBytes"> = {
  method: "POST",
  route: "no/such/route",
  access: "public",
  format: envelope,
};
/** Of the large documents the head alone: what is read is the same. */
const isLarge = ({ format }: CatalogueEntry) =>
  Object.keys(format.contents).some((type) => type.startsWith("text/") && type !== "text/html");
/** Every endpoint, and what no endpoint is; the functions must have been loaded. */
const endpointsToAttack = () => [
  ...catalogue().map((entry) => Object.assign({}, entry, isLarge(entry) && { method: "HEAD" as const })),
  nowhere,
  { ...nowhere, method: "GET" },
  { ...nowhere, method: "OPTIONS", route: "auth/login" },
];

interface Means extends Pick<Target, "bodyBytes"> {
  /** By the access that an endpoint asks for. */
  readonly credentials: Readonly<Record<string, Target["credentials"]>>;
}

/** Everything to attack on the service at `url`. */
export const targetsOf = (url: string, { credentials, bodyBytes }: Means): Promise<Target[]> =>
  Promise.all(
    endpointsToAttack().map(async (one) =>
      Object.assign({}, one, { credentials: credentials[one.access] ?? {}, bodyBytes, etag: await etagOf(url, one) }),
    ),
  );

/** What names the answer of an endpoint that lets its callers keep it. */
async function etagOf(url: string, { method, route }: Pick<Target, "method" | "route">) {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const answer = await fetch(new URL(route, url), { method, redirect: "manual" });
  return answer.headers.get("etag") ?? undefined;
}

const pathOf = ({ route }: Target) => `/${route.replace(/^\//, "").replace("{provider}", "acme")}`;

const isForm = ({ format }: Target) => format.body === formBody;
const contentType = ({ format }: Target) => format.body.mediaType;

/** Members that an endpoint takes, so that it goes on to read the rest of the request. */
const accepted: Readonly<Record<string, object>> = {
  "auth/login": { email: "a@example.com", password },
  "auth/register": { email: "a@example.com", username: "A", password },
  "auth/oauth/{provider}": { id_token: "x", nonce: "n" },
  "auth/me/identities/{provider}": { redirect_to: home },
  "oauth/token": { grant_type: "client_credentials" },
  "oauth/introspect": { token: "x" },
  "oauth/revoke": { token: "x" },
};

function acceptedRequest(route: Target): RawRequest {
  const members = accepted[route.route] ?? {};
  const body = isForm(route) ? new URLSearchParams(Object.entries(members)).toString() : JSON.stringify(members);
  const known = route.etag === undefined ? {} : { "If-None-Match": route.etag };
  const usual = { ...route.credentials, ...known, "Content-Type": contentType(route) };
  return { method: route.method, path: pathOf(route), headers: usual, body };
}

/** Each header alone: what one gate refuses, no later step reads. A little of each is sent at once. */
export function headerAttacks(route: Target): Attacks {
  const usual = acceptedRequest(route);
  const attack = (what: string, chosen: typeof headers, { fill }: Hostile, bytes: number): Attack => {
    const filled = chosen.map(([name, before, after]) => [name, `${before}${fill(bytes)}${after}`] as const);
    return { what, request: { ...usual, headers: { ...usual.headers, ...Object.fromEntries(filled) } } };
  };
  const alone = headers.flatMap((header) =>
    headerTexts.map((text) => attack(`${header[0]}: ${header[1]}(${text.what})`, [header], text, sizes.header)),
  );
  // Of a name that stands there several times each has its round.
  const roundOf = ([name]: (typeof headers)[number], index: number) =>
    headers.slice(0, index).filter(([earlier]) => earlier === name).length;
  const together = [0, 1, 2].flatMap((round) => {
    const chosen = headers.filter((header, index) => roundOf(header, index) === round);
    return headerTexts.map((text) => attack(`(${text.what}) in round ${round}`, chosen, text, sizes.header * little));
  });
  return { small: together, large: alone };
}

/** In the query: each parameter that is read, and names that nobody knows. In the path: its parameter, or what follows it. */
export function targetAttacks(route: Target): Attacks {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed());
  const raw = (text: string) => text.replaceAll(/[^\x21-\x7e]/g, "%20").slice(0, sizes.target);
  const path = pathOf(route);
  const to = (what: string, target: string): Attack => ({
    what,
    request: { ...acceptedRequest(route), path: target },
  });
  const place = (text: string) =>
    route.route.includes("{")
      ? `/${route.route.replace(/\{\w+\}/, () => text)}`
      : `${path === "/" ? "" : path}/${text}`;
  const names = [...memberNames(route.query), "unknown"];
  const small = texts.map(({ what, fill }) => {
    const encoded = encode(fill((sizes.target * little) / 3));
    const bare = raw(fill(sizes.target * little));
    const query = names.map((name) => `${name}=${encoded}`).join("&");
    return to(`/(${what})?(${what})`, `${place(encoded + bare)}?${query}&${bare}`);
  });
  const large = texts.flatMap(({ what, fill }) => {
    const encoded = encode(fill(sizes.target / 3));
    const bare = raw(fill(sizes.target));
    return [
      ...names.map((name) => to(`?${name}=(${what})`, `${path}?${name}=${encoded}`)),
      to(`?(${what})`, `${path}?${bare}`),
      to(`/(${what})`, place(encoded)),
      to(`/(raw ${what})`, place(bare)),
    ];
  });
  return { small, large };
}

export function bodyAttacks(route: Target): Attacks {
  if (!route.body) return { small: [], large: [] };
  const send = (what: string, body: string): Attack => ({
    what,
    request: { ...acceptedRequest(route), body: body.slice(0, route.bodyBytes) },
  });
  const names = memberNames(route.body);
  const write = (members: Record<string, string>) =>
    isForm(route)
      ? new URLSearchParams(
          Object.entries(members).map(([name, text]): [string, string] => [name, text.toWellFormed()]),
        ).toString()
      : JSON.stringify(members);
  const fill = (chosen: readonly string[], bytes: number) =>
    texts.map((text) => {
      const members = [...names, ...chosen].map((name) => [name, "a@example.com"]);
      const filled = chosen.map((name) => [name, text.fill(bytes)]);
      return send(`${chosen.join(", ")} of (${text.what})`, write(Object.fromEntries([...members, ...filled])));
    });
  const shapes = (portion: number) =>
    isForm(route)
      ? texts.map((text) => send(`(${text.what})`, text.fill(route.bodyBytes * portion)))
      : Object.entries(jsonShapes(route.bodyBytes * portion)).map(([what, text]) => send(what, text));
  const all = [...names, "unknown"];
  const large = all.flatMap((name) => fill([name], route.bodyBytes / 4));
  return {
    small: [...fill(all, (route.bodyBytes * little) / 4), ...shapes(little)],
    large: [...large, ...shapes(1)],
  };
}

/** What the host itself says to a head that is too large for it: then nothing was tried. */
const notLetIn = new Set([undefined, 414, 431]);

/** Who sends attacks. @param send gives the status; undefined when the server has closed without a word */
export function createAttacker(send: (request: RawRequest) => Promise<number | undefined>) {
  /** Sends every attack. @returns those that keep everybody else waiting */
  async function findBlocking({ small, large }: Attacks): Promise<string[]> {
    const found = await tryAll(small);
    return found.length > 0 ? found : tryAll(large);
  }

  async function tryAll(attacks: readonly Attack[]): Promise<string[]> {
    const found: string[] = [];
    for (const { what, request } of attacks) {
      let status: number | undefined;
      const milliseconds = await blocks(async () => (status = await send(request)));
      if (notLetIn.has(status)) found.push(`${what} was not let in: ${status}`);
      if (milliseconds !== undefined) found.push(`${what}: ${Math.round(milliseconds)} ms`);
      // Proof enough.
      if (found.length === 2) break;
    }
    return found;
  }

  return { findBlocking, tryAll };
}
