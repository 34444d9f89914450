// How often the service turns to its database: each time costs a call a millisecond or two in Azure.
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { claimsOf } from "../support/clients.ts";
import { newDevice, signIn } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const { api, clock } = await startService({ ...settingsFor(server.port), DB_RETRY_BUDGET_SECONDS: "60" });

async function requests(work: () => Promise<unknown>): Promise<number> {
  const before = server.requests.length;
  await work();
  return server.requests.length - before;
}

test("15.4 a login and a refresh send as many requests among forty thousand sessions as among none", async () => {
  const [one, other] = [await newDevice(api), await newDevice(api)];
  const alone = [
    await requests(() => signIn(api, one.email)),
    await requests(() => api.post("/auth/refresh", { cookie: one.cookie })),
  ];
  expect(alone, "begin and commit among them").toEqual([7, 5]);
  const database = new DatabaseSync(server.file);
  const at = clock.now().toISOString();
  const { sub } = claimsOf(other.accessToken);
  const add = database.prepare(
    "insert into sessions (id, user_id, created_at, expires_at, status_index) values (?, ?, ?, ?, ?)",
  );
  const taken = new Set(
    database
      .prepare("select status_index from sessions")
      .all()
      .map((row) => row["status_index"]),
  );
  // Two thirds of the first range.
  database.exec("begin");
  for (let index = 0; index < 65_536; index += 1)
    if (index % 3 > 0 && !taken.has(index)) add.run(`session-${index}`, sub, at, at, index);
  database.exec("commit");
  database.close();
  for (let round = 0; round < 20; round += 1) {
    const device = await newDevice(api);
    const among = [
      await requests(() => signIn(api, device.email)),
      await requests(() => api.post("/auth/refresh", { cookie: device.cookie })),
    ];
    expect(among).toEqual(alone);
  }
});
