import { describeReplay } from "./replay.ts";

describeReplay(
  "the local host, sent what the real host was sent, answers the same",
  () => import(new URL("host-answers/app/functions.mjs", import.meta.url).href),
);
