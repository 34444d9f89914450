import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";

export const emptyDevMailbox = endpoint({
  name: "empty-dev-mailbox",
  method: "DELETE",
  route: "dev/mailbox",
  summary: "Empty the mailbox (development only)",
  description: "Removes every mail, sent or not.",
  access: "public",
  offered: ({ runtime, mail }) => runtime.isDevelopment && mail.provider.kind === "mailbox",
  recorded: { nothing: "In development only" },
  refused: { nothing: "Anyone may empty it" },
  reply: z.object({}),
  async handle({ context: { services } }) {
    await services.mailbox.clear();
    return { data: {} };
  },
});
