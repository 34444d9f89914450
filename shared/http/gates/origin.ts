import { ApiError } from "../../platform/errors/api-error.ts";
import type { AnySpec } from "../endpoint-spec.ts";
import { isFormBody } from "../json-or-form-body.ts";
import type { Gate } from "./gate.ts";

/**
 * Refuses requests from foreign pages if the refresh cookie is read or set (ASVS 3.5.1), and forms that a foreign page
 * sends in place of ours: a form needs no preflight, so any page could have its visitors send mails. A request without
 * these headers does not come from a browser of today.
 */
export const origin: Gate = {
  name: "origin",
  when: (spec) => isGuarded(spec) || takesForms(spec),
  errors: () => ["ORIGIN_NOT_ALLOWED"],
  refused: { ORIGIN_NOT_ALLOWED: "origin.refused" },
  pass({ spec, request: { headers }, context }) {
    const from = headers.get("origin");
    const isAllowed = from !== null && context.services.config.http.allowedOrigins.has(from);
    const isCrossSite = headers.get("sec-fetch-site") === "cross-site";
    const isForeign = isGuarded(spec) && !isAllowed && (from !== null || isCrossSite);
    // Our pages send no referrer, so their forms have the origin `null`, as those of a foreign page may have.
    const isForeignForm = takesForms(spec) && isFormBody(headers) && !isAllowed && isCrossSite;
    if (isForeign || isForeignForm) throw new ApiError("ORIGIN_NOT_ALLOWED");
  },
};

const isGuarded = ({ usesCookies, confirmation }: AnySpec): boolean =>
  usesCookies === true || confirmation !== undefined;

/** Whether pages of ours send it forms, besides the JSON of programs. */
const takesForms = ({ body, format }: AnySpec): boolean => body !== undefined && format.body.alsoTakes !== undefined;
