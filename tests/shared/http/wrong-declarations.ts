import * as z from "zod";
import { endpoint } from "../../../shared/http/endpoint.ts";
import { page, pageReply } from "../../../shared/http/formats/page.ts";
import { redirect, redirection } from "../../../shared/http/formats/redirect.ts";
import { readsWhatIsPublic } from "../../../shared/http/leaves-nothing.ts";

/**
 * Declarations that must not compile. `npm run check` fails where one of them does, since its `@ts-expect-error` is then
 * unused. Nothing runs them.
 */
export function wrongDeclarations() {
  const usual = { name: "test-mistake", summary: "", access: "public", status: 302, ...readsWhatIsPublic } as const;
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
  const { recorded, refused: _refused, ...silent } = usual;
  // @ts-expect-error what its calls leave in the audit log is not said
  endpoint({ ...silent, method: "GET", route: "test/silent", reply: z.null(), handle: async () => ({ data: null }) });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/half-silent",
    reply: z.null(),
    errors: ["INVALID_STATE", "ACCESS_DENIED"],
    recorded,
    // @ts-expect-error what ACCESS_DENIED leaves is not said
    refused: { INVALID_STATE: "sign_in.failed" },
    handle: async () => ({ data: null }),
  });
  endpoint({
    ...usual,
    method: "GET",
    route: "test/reason",
    reply: z.null(),
    recorded,
    // @ts-expect-error nothing, without a reason
    refused: undefined,
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
