import { Refusal, refusalEvent } from "../audit/refusal.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { CallAtGate, Gate } from "./gates/gate.ts";

/**
 * Records a refused call; nothing else does. The gate or the endpoint declares which event it is; the call's course or
 * the error knows who it concerns.
 * @param gate the gate that refused it; undefined for the handler
 */
export async function recordRefusal(call: CallAtGate, thrown: unknown, gate: Gate | undefined): Promise<void> {
  if (gate?.refused === "by_itself") return;
  const error = thrown instanceof ApiError ? thrown : new ApiError("INTERNAL_ERROR");
  const { refused, ...subject } = call.course ?? {};
  const type = refusalEvent(gate?.refused, error.code) ?? refused ?? refusalEvent(call.spec.refused, error.code);
  if (type === undefined) return;
  const { services } = call.context;
  const { provider } = call.request.params;
  await services.audit.record(call.context, {
    type,
    reason: error.code,
    provider: provider !== undefined && services.social.providers.has(provider) ? provider : undefined,
    ...(error instanceof Refusal && error.about),
    ...subject,
  });
}
