import type { Locale } from "./platform/locale.ts";
import type { Source } from "./platform/source.ts";
import type { Services } from "./services.ts";

/** The first argument of every flow: what a call is carried out with. Made once per call. */
export interface CallContext {
  readonly services: Services;
  /** The instant of the call, used for everything it does. */
  readonly now: Date;
  /** Where the call comes from. */
  readonly source: Source;
  /** The language that the caller prefers; an account's own comes before it. */
  readonly locale: Locale;
}
