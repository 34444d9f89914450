import * as z from "zod";
import { currentStatusList } from "../../shared/flows/token-status.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { statusTtlSeconds } from "../../shared/tokens/status-tokens.ts";

export const tokenStatusShard = endpoint({
  name: "well-known-token-status-shard",
  method: "GET",
  route: ".well-known/token-status/{shard}",
  summary: "Signed list of revoked access tokens (IETF Token Status List); tokens name their shard",
  access: "public",
  form: "bare",
  contentType: "application/statuslist+jwt",
  publicForSeconds: statusTtlSeconds,
  reply: z.object({ text: z.string() }),
  errors: ["NOT_FOUND"],
  async handle({ params, context, fail }) {
    const shard = params["shard"] ?? "";
    // One address for each list, as it stands in tokens: no sign, no leading zero.
    if (!/^(?:0|[1-9]\d{0,4})$/.test(shard)) throw fail("NOT_FOUND");
    const list = await currentStatusList(context, Number(shard));
    if (list === undefined) throw fail("NOT_FOUND");
    return { data: list };
  },
});
