import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrPage } from "../../shared/http/formats/page.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";

/** Declares endpoints that the service does not have, which show what a declaration does. Where a type is wrong, it must be an error. */
export function declareEndpoints(): void {
  endpoint({
    name: "test-extra",
    method: "GET",
    route: "test/extra",
    summary: "Gives more than it declares",
    access: "public",
    ...readsWhatIsPublic,
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
    ...readsWhatIsPublic,
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
    ...readsWhatIsPublic,
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
    ...readsWhatIsPublic,
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
    ...readsWhatIsPublic,
    format: envelopeOrPage(({ text }: { text: string }) => ({
      html: `<p>${text}</p>`,
      nonce: "n",
      hasInlineStyles: false,
    })),
    reply: z.object({ text: z.string() }),
    handle: async () => ({ data: { text: "hello", hidden: "canary" } }),
  });
}
