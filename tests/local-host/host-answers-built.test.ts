import { readFile } from "node:fs/promises";
import { build } from "../../tools/build.ts";
import { loadFunctions } from "../../tools/local-host/load.ts";
import { createApp } from "../process/app-folder.ts";
import { describeReplay } from "./replay.ts";

describeReplay(
  "the local host with functions as they are built, @azure/functions bundled, answers the same",
  async () => {
    const source = await readFile(new URL("host-answers/app/functions.mjs", import.meta.url), "utf8");
    const root = await createApp({ "functions/all.ts": source });
    await build({ root });
    await loadFunctions(root);
  },
);
