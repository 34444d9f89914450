import { startRangeStandIn, type RangeStandIn } from "../../tools/bench/range-stand-in.ts";
import { whenDone } from "./when-done.ts";

/** Starts what stands for Have I Been Pwned, which tests may not reach; ends it when the test, or the file, is done. */
export async function startRangeApi(): Promise<RangeStandIn> {
  const api = await startRangeStandIn();
  whenDone(() => api.close());
  return api;
}
