import { addresses } from "./addresses.ts";
import { body } from "./body.ts";
import { client } from "./client.ts";
import { confirmation } from "./confirmation.ts";
import type { Gate } from "./gate.ts";
import { limits } from "./limits.ts";
import { offered } from "./offered.ts";
import { origin } from "./origin.ts";
import { path } from "./path.ts";
import { query } from "./query.ts";
import { remembered } from "./remembered.ts";
import { session } from "./session.ts";
import { settings } from "./settings.ts";

/**
 * The checks between a request and its handler, in order. The error codes of an endpoint, and what the API document
 * says about credentials and refusals, come from this list.
 *
 * The client comes after the body, which may carry its secret. The path comes last, so that an impossible id gets the
 * same answer as one that does not exist.
 */
export const gates: readonly Gate[] = [
  settings,
  addresses,
  offered,
  origin,
  remembered,
  session,
  query,
  body,
  limits,
  confirmation,
  client,
  path,
];
