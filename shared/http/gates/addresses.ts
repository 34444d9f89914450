import { isExempt } from "../../addresses/settings.ts";
import type { CallContext } from "../../context.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import type { Gate } from "./gate.ts";

/** Refuses addresses that may not call. Before every other check, so that they learn nothing and cost nothing. */
export const addresses: Gate = {
  name: "addresses",
  when: ({ needsNoSettings }) => needsNoSettings !== true,
  errors: () => ["ADDRESS_NOT_ALLOWED"],
  refused: "by_itself",
  pass({ spec, context }) {
    const isTurnedOff = spec.offered?.(context.services.config) === false;
    return admit(context, { route: spec.route, isAsFarAsKnown: spec.worksWithoutDatabase === true || isTurnedOff });
  },
};

/**
 * @param route of the endpoint that is called; undefined if there is none
 * @throws ApiError ADDRESS_NOT_ALLOWED, or DATABASE_UNAVAILABLE unless it goes by what is known
 */
export async function admit(
  context: CallContext,
  { route, isAsFarAsKnown }: { readonly route: string | undefined; readonly isAsFarAsKnown: boolean },
): Promise<void> {
  const { services, source, now } = context;
  const { addresses: rules, config, audit } = services;
  if (route !== undefined && isExempt(config.addresses, route)) return;
  const mayCall = isAsFarAsKnown
    ? rules.mayCallAsFarAsKnown(source.address, now)
    : await rules.mayCall(source.address, now);
  if (mayCall) return;
  if (rules.isFirstRefusal(source.address, now)) await audit.record(context, { type: "address.refused" });
  throw new ApiError("ADDRESS_NOT_ALLOWED");
}
