// How long a cold worker takes to import the built function files, in milliseconds.
import { provideFunctionsCore } from "../local-host/functions-core.ts";
import { loadFunctions } from "../local-host/load.ts";

provideFunctionsCore();
const startedAt = performance.now();
await loadFunctions(process.cwd());
process.send?.(performance.now() - startedAt);
