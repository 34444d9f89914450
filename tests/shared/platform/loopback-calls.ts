// Run by no-proxy.test.ts as a process of its own: Azure's libraries read the environment once.
import { loadProcessConfig, loadProcessDatabaseConfig } from "../../../shared/config.ts";
import { credentialOf } from "../../../shared/platform/identity.ts";
import { createQueues } from "../../../shared/platform/queues/queues.ts";

const [url = "", isMigrating] = process.argv.slice(2);
const told: string[] = [];

async function askToken(identity: Parameters<typeof credentialOf>[0]): Promise<void> {
  const token = await (await credentialOf(identity)).getToken("https://database.windows.net/.default");
  told.push(token?.token ?? "no token");
}

if (isMigrating === undefined) {
  const { queues, runtime } = loadProcessConfig();
  await createQueues(queues.connection)?.ping();
  told.push("queue");
  await askToken(runtime.identity);
} else {
  // As `npm run migrate` logs in.
  const { server } = loadProcessDatabaseConfig();
  if (server && "clientId" in server.login) await askToken(server.login);
}
told.push(await (await fetch(url)).text());
console.log(told.join(" "));
