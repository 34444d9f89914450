import { body } from "./body.ts";
import { client } from "./client.ts";
import { confirmation } from "./confirmation.ts";
import type { Gate } from "./gate.ts";
import { offered } from "./offered.ts";
import { origin } from "./origin.ts";
import { path } from "./path.ts";
import { query } from "./query.ts";
import { session } from "./session.ts";
import { settings } from "./settings.ts";

/**
 * What stands between a request and its handler, in this order. The codes that an endpoint may answer, and what the API
 * document says of its credentials and refusals, come from these rows.
 *
 * A client comes after the body, which may carry its secret; the path comes last, so that an id that cannot exist is answered
 * as one that does not.
 */
export const gates: readonly Gate[] = [settings, offered, origin, session, query, body, confirmation, client, path];
