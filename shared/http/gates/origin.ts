import { ApiError } from "../../platform/errors/api-error.ts";
import type { Gate } from "./gate.ts";

/**
 * Refuses requests from foreign pages if the refresh cookie is read or set (ASVS 3.5.1). A request with neither header
 * does not come from a browser.
 */
export const origin: Gate = {
  name: "origin",
  when: ({ usesCookies, confirmation }) => usesCookies === true || confirmation !== undefined,
  errors: () => ["ORIGIN_NOT_ALLOWED"],
  pass({ request: { headers }, context }) {
    const from = headers.get("origin");
    const { allowedOrigins } = context.services.config.http;
    const isForeign = from === null ? headers.get("sec-fetch-site") === "cross-site" : !allowedOrigins.has(from);
    if (isForeign) throw new ApiError("ORIGIN_NOT_ALLOWED");
  },
};
