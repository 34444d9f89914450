// Run by no-proxy.test.ts as a process of its own: Azure's libraries read the environment once.
import { loadProcessConfig } from "../../../shared/platform/config.ts";
import { credentialOf } from "../../../shared/platform/identity.ts";
import { createQueues } from "../../../shared/platform/queue.ts";

const { queueConnection, identity } = loadProcessConfig();
const told: string[] = [];
await createQueues(queueConnection)?.ping();
told.push("queue");
const token = await (await credentialOf(identity)).getToken("https://database.windows.net/.default");
told.push(token?.token ?? "no token");
told.push(await (await fetch(process.argv[2] ?? "")).text());
console.log(told.join(" "));
