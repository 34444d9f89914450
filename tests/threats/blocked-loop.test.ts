import { describe, expect, test } from "vitest";
import { catalogue, type CatalogueEntry } from "../../shared/http/catalogue.ts";
import { formBody } from "../../shared/http/form-body.ts";
import { envelope } from "../../shared/http/formats/envelope.ts";
import { blocks, createRawClient, type RawRequest } from "../support/blocking.ts";
import { newClient } from "../support/clients.ts";
import { headers, headerTexts, jsonShapes, memberNames, texts, type Hostile } from "../support/hostile.ts";
import { newDevice, password } from "../support/people.ts";
import { withSettings } from "../support/service.ts";
import { home, startSocialService } from "../support/social.ts";
import { whenDone } from "../support/when-done.ts";

const service = await startSocialService();
const { basic } = await newClient(service, "introspect");
const bearer = `Bearer ${(await newDevice(service.api)).accessToken}`;
const client = createRawClient(Number(new URL(service.url).port));
whenDone(client.close);

/** What the host lets in, less room for the rest of the line or head. */
const sizes = { header: 30 * 1024, target: 7 * 1024, body: service.services.config.http.bodyLimitBytes };
/** So much of it comes first: what is worse than linear shows by it, and would take minutes with the largest. */
const little = 1 / 16;

/** What is sent first, and what only once that has blocked nobody. */
interface Attacks {
  readonly small: readonly Attack[];
  readonly large: readonly Attack[];
}

interface Attack {
  readonly what: string;
  readonly request: RawRequest;
}

type Route = Pick<CatalogueEntry, "route" | "access" | "format" | "body" | "query"> & { readonly method: string };

const nowhere: Route = {
  method: "POST",
  route: "no/such/route",
  access: "public",
  format: envelope,
};
/** Of the large documents the head alone: what is read is the same. */
const isLarge = ({ format }: CatalogueEntry) =>
  Object.keys(format.contents).some((type) => type.startsWith("text/") && type !== "text/html");
const routes: Route[] = [
  ...catalogue().map((entry) => Object.assign({}, entry, isLarge(entry) && { method: "HEAD" as const })),
  nowhere,
  { ...nowhere, method: "GET" },
  { ...nowhere, method: "OPTIONS", route: "auth/login" },
];

const pathOf = ({ route }: Route) => `/${route.replace(/^\//, "").replace("{provider}", "acme")}`;
const credentials = ({ access }: Route): Record<string, string> =>
  access === "session" ? { Authorization: bearer } : access === "client" ? basic : {};

const isForm = ({ format }: Route) => format.body === formBody;
const contentType = ({ format }: Route) => format.body.mediaType;

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

function acceptedRequest(route: Route): RawRequest {
  const members = accepted[route.route] ?? {};
  const body = isForm(route) ? new URLSearchParams(Object.entries(members)).toString() : JSON.stringify(members);
  const usual = { ...credentials(route), "Content-Type": contentType(route) };
  return { method: route.method, path: pathOf(route), headers: usual, body };
}

/** Each header alone: what one gate refuses, no later step reads. A little of each is sent at once. */
function headerAttacks(route: Route): Attacks {
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
function targetAttacks(route: Route): Attacks {
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

function bodyAttacks(route: Route): Attacks {
  if (!route.body) return { small: [], large: [] };
  const send = (what: string, body: string): Attack => ({
    what,
    request: { ...acceptedRequest(route), body: body.slice(0, sizes.body) },
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
      ? texts.map((text) => send(`(${text.what})`, text.fill(sizes.body * portion)))
      : Object.entries(jsonShapes(sizes.body * portion)).map(([what, text]) => send(what, text));
  const all = [...names, "unknown"];
  const large = all.flatMap((name) => fill([name], sizes.body / 4));
  return {
    small: [...fill(all, (sizes.body * little) / 4), ...shapes(little)],
    large: [...large, ...shapes(1)],
  };
}

/** What the host itself says to a head that is too large for it: then nothing was tried. */
const notLetIn = new Set([undefined, 414, 431]);

/** Sends every attack. @returns those that keep everybody else waiting */
async function findBlocking({ small, large }: Attacks): Promise<string[]> {
  const found = await tryAll(small);
  return found.length > 0 ? found : tryAll(large);
}

async function tryAll(attacks: readonly Attack[]): Promise<string[]> {
  const found: string[] = [];
  for (const { what, request } of attacks) {
    let status: number | undefined;
    const milliseconds = await blocks(async () => (status = await client.send(request)));
    if (notLetIn.has(status)) found.push(`${what} was not let in: ${status}`);
    if (milliseconds !== undefined) found.push(`${what}: ${Math.round(milliseconds)} ms`);
    // Proof enough.
    if (found.length === 2) break;
  }
  return found;
}

describe.each(routes)("15.1 $method /$route", { timeout: 120_000 }, (route) => {
  test("with headers that expressions choke on blocks nobody", async () => {
    expect(await findBlocking(headerAttacks(route))).toEqual([]);
  });

  test("with such a path, query and body blocks nobody", async () => {
    expect(await findBlocking(targetAttacks(route))).toEqual([]);
    expect(await findBlocking(bodyAttacks(route))).toEqual([]);
  });
});

test("15.1 a body of the largest size that can be set blocks nobody", { timeout: 120_000 }, async () => {
  withSettings(service, { BODY_LIMIT_KIB: "256" });
  const attacks = Object.entries(jsonShapes(256 * 1024)).map(([what, body]) => ({
    what,
    request: { method: "POST", path: "/auth/login", headers: { "Content-Type": "application/json" }, body },
  }));
  expect(await tryAll(attacks)).toEqual([]);
});

test("15.1 what a provider says of a person blocks nobody", { timeout: 120_000 }, async () => {
  expect((await service.exchange({ sub: "somebody" })).status).toBe(200);
  const found: string[] = [];
  for (const { what, fill } of texts) {
    for (const [claim, before] of [
      ["name", ""],
      ["picture", "https://"],
      ["email", "a@"],
    ] as const) {
      // An id_token has 16 KiB at most.
      const person = { sub: `${claim} ${what}`, email_verified: true, [claim]: before + fill(3000).toWellFormed() };
      const milliseconds = await blocks(() => service.exchange(person));
      if (milliseconds !== undefined) found.push(`${claim} of (${what}): ${Math.round(milliseconds)} ms`);
    }
  }
  expect(found).toEqual([]);
});
