import * as z from "zod";
import { shardNumber } from "../../shared/api/path.ts";
import { currentStatusList } from "../../shared/flows/maintenance/token-status.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { bareText } from "../../shared/http/formats/bare.ts";
import { statusTtlSeconds } from "../../shared/tokens/status/status-tokens.ts";

export const tokenStatusShard = endpoint({
  name: "well-known-token-status-shard",
  method: "GET",
  route: ".well-known/token-status/{shard}",
  path: { shard: shardNumber },
  summary: "Signed list of revoked access tokens (IETF Token Status List); tokens name their shard",
  access: "public",
  ...readsWhatIsPublic,
  format: bareText({ contentType: "application/statuslist+jwt", publicForSeconds: statusTtlSeconds }),
  reply: z.object({ text: z.string() }),
  errors: ["NOT_FOUND"],
  async handle({ path, context, fail }) {
    const list = await currentStatusList(context, path.shard);
    if (list === undefined) throw fail("NOT_FOUND");
    return { data: list };
  },
});
