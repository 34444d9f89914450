import type { CallContext } from "../../shared/context.ts";
import { noSource, type Source } from "../../shared/platform/source.ts";
import type { Services } from "../../shared/services.ts";

/** What a flow is called with: now, in English, and from nowhere, unless the test says otherwise. */
export function contextOf(services: Services, now = services.clock.now(), source: Source = noSource): CallContext {
  return { services, now, source, locale: "en" };
}
