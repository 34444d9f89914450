import * as z from "zod";
import { currentStatusList } from "../../shared/flows/maintenance/token-status.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bareText } from "../../shared/http/formats/bare.ts";
import { statusTtlSeconds } from "../../shared/tokens/status/status-tokens.ts";

export const tokenStatus = endpoint({
  name: "well-known-token-status",
  method: "GET",
  route: ".well-known/token-status",
  summary: "Signed list of revoked access tokens, for tokens issued before sharding",
  access: "public",
  ...readsWhatIsPublic,
  format: bareText({ contentType: "application/statuslist+jwt", publicForSeconds: statusTtlSeconds }),
  reply: z.object({ text: z.string() }),
  errors: ["NOT_FOUND"],
  async handle({ context, fail }) {
    const list = await currentStatusList(context, "whole");
    if (list === undefined) throw fail("NOT_FOUND");
    return { data: list };
  },
});
