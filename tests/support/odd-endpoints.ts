// Endpoints of tests alone, which give what they do not declare, throw, or ask for much. Who imports this has them in the catalogue.
import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrPage, page, pageReply } from "../../shared/http/formats/page.ts";
import { redirect, redirection } from "../../shared/http/formats/redirect.ts";

endpoint({
  name: "test-extra",
  method: "GET",
  route: "test/extra",
  summary: "Gives more than it declares",
  access: "public",
  reply: z.object({ shown: z.string(), list: z.array(z.object({ shown: z.number() })) }),
  async handle() {
    const data = { shown: "a", hidden: "canary", list: [{ shown: 1, hidden: "canary" }] };
    return { data };
  },
});

endpoint({
  name: "test-wrong",
  method: "GET",
  route: "test/wrong",
  summary: "Gives something else than it declares",
  access: "public",
  reply: z.object({ count: z.number() }),
  async handle() {
    return { data: { count: "canary" as unknown as number } };
  },
});

endpoint({
  name: "test-types",
  method: "POST",
  route: "test/types/{id}",
  summary: "Says by its types what it may do",
  access: "session",
  path: { id: { schema: z.string().transform(Number), otherwise: "NOT_FOUND" } },
  body: z.strictObject({ text: z.string() }),
  reply: z.object({ text: z.string() }),
  errors: ["EMAIL_ALREADY_REGISTERED"],
  async handle({ body, path, principal, fail }) {
    // @ts-expect-error a code that is not declared
    fail("INVALID_STATE");
    const id: number = path.id;
    // @ts-expect-error a parameter that the route does not have
    if (path.other !== undefined || Number.isNaN(id)) throw fail("EMAIL_ALREADY_REGISTERED");
    // @ts-expect-error a field that the body does not have
    const missing: unknown = body.missing;
    if (missing !== undefined) throw fail("EMAIL_ALREADY_REGISTERED");
    return { data: { text: body.text + principal.sessionId } };
  },
});

endpoint({
  name: "test-public",
  method: "GET",
  route: "test/public",
  summary: "Has no principal, and a reply of its own shape",
  access: "public",
  reply: z.object({ text: z.string() }),
  // @ts-expect-error a public call has no principal
  async handle({ principal }) {
    return { data: { text: String(principal) } };
  },
});

endpoint({
  name: "test-readable",
  method: "GET",
  route: "test/readable",
  summary: "Is a page to a browser",
  access: "public",
  format: envelopeOrPage(({ text }: { text: string }) => ({
    html: `<p>${text}</p>`,
    nonce: "n",
    hasInlineStyles: false,
  })),
  reply: z.object({ text: z.string() }),
  handle: async () => ({ data: { text: "hello", hidden: "canary" } }),
});

/** Declarations that do not compile; they are never run. */
export function mistakes() {
  const usual = { name: "test-mistake", summary: "", access: "public", status: 302 } as const;
  endpoint({
    ...usual,
    method: "GET",
    route: "test/redirect",
    reply: z.object({ url: z.string() }),
    // @ts-expect-error a redirect without a location
    format: redirect,
    handle: async () => ({ data: { url: "https://app.example.com" } }),
  });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/redirect",
    reply: z.union([redirection, pageReply]),
    format: redirect,
    // @ts-expect-error neither a location nor a page
    handle: async () => ({ data: { html: "" } }),
  });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/page",
    reply: z.object({ html: z.string() }),
    // @ts-expect-error a page without a nonce
    format: page,
    handle: async () => ({ data: { html: "" } }),
  });
  // @ts-expect-error the path has no schema for the route's parameter
  endpoint({
    ...usual,
    method: "GET",
    route: "test/{id}",
    reply: z.null(),
    handle: async () => ({ data: null }),
  });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/confirmed",
    // @ts-expect-error who is not signed in cannot confirm a session
    confirmation: "session_proof",
    reply: z.null(),
    handle: async () => ({ data: null }),
  });
  const parameter = { schema: z.string(), otherwise: "NOT_FOUND" } as const;
  endpoint({
    ...usual,
    method: "GET",
    route: "test/{id}",
    // @ts-expect-error the route has no parameter of this name
    path: { id: parameter, other: parameter },
    reply: z.null(),
    handle: async () => ({ data: null }),
  });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/{id}/{part}",
    // @ts-expect-error the path has no schema for one of the route's parameters
    path: { id: parameter },
    reply: z.null(),
    handle: async () => ({ data: null }),
  });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/none",
    // @ts-expect-error the route has no parameters
    path: { id: parameter },
    reply: z.null(),
    handle: async () => ({ data: null }),
  });
}
