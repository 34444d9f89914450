// Measures how long a cold worker takes to import an app's function files, in milliseconds. Its argument is the app's
// folder.
import { provideFunctionsCore } from "../local-host/functions-core.ts";
import { loadFunctions } from "../local-host/load.ts";
import { cpuMilliseconds } from "./statistics.ts";

provideFunctionsCore();
const [startedAt, cpuAtStart] = [performance.now(), cpuMilliseconds()];
await loadFunctions(process.argv[2] ?? process.cwd());
process.send?.({ p50: performance.now() - startedAt, cpu: cpuMilliseconds() - cpuAtStart });
