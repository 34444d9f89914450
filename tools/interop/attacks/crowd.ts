import { fork } from "node:child_process";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { leaveRoom } from "./leave-room.ts";

/** A front before the service that lets every connection come from another network. */
export interface Crowd {
  readonly port: number;
  /** Ends it. @returns what it has seen */
  stop(): Promise<SeenByCrowd>;
}

export interface SeenByCrowd {
  /** How often each account's password was tried: attempts that were answered 401, and so cost a verification. */
  readonly tried: ReadonlyMap<string, number>;
  /** How many attempts were answered with each status. */
  readonly statuses: ReadonlyMap<string, number>;
}

/** The address of a network: each is another /24. */
export const addressIn = (network: number) => `127.0.${network}.1`;

/**
 * Starts a front before `port` for so many networks, in a process of its own, so that nothing that is measured in this one
 * waits for it. Each connection carries one sign-in.
 */
export async function startCrowd(port: number, networks: number): Promise<Crowd> {
  const child = fork(import.meta.filename, [String(port), String(networks)], { serialization: "advanced" });
  leaveRoom(child);
  const [started] = (await once(child, "message")) as [number];
  return {
    port: started,
    async stop() {
      child.send("stop");
      const [seen] = (await once(child, "message")) as [SeenByCrowd];
      child.disconnect();
      return seen;
    },
  };
}

async function serveCrowd(port: number, networks: number): Promise<void> {
  const [tried, statuses] = [new Map<string, number>(), new Map<string, number>()];
  let connections = 0;
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const server = net.createServer((caller) => {
    connections += 1;
    const localAddress = addressIn(1 + (connections % networks));
    const service = net.connect({ port, host: "127.0.0.1", localAddress });
    let [asked, answered] = ["", ""];
    caller.on("data", (chunk) => (asked += String(chunk))).pipe(service);
    service.on("data", (chunk) => {
      answered += String(chunk);
      // hydra takes a 401 for a web server's own login, and gives up.
      caller.write(String(chunk).replace(/^HTTP\/1\.1 401 Unauthorized/, "HTTP/1.1 400 Bad Request"));
    });
    service.on("end", () => caller.end());
    for (const socket of [caller, service]) socket.on("error", () => [caller, service].map((each) => each.destroy()));
    service.on("close", () => {
      const status = answered.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
      const email = /"email":"([^"]{1,100})"/.exec(asked)?.[1];
      if (email === undefined) return;
      count(statuses, status);
      if (status === "401") count(tried, email);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.once("message", () => {
    server.close();
    process.send?.({ tried, statuses } satisfies SeenByCrowd);
  });
  process.send?.((server.address() as AddressInfo).port);
}

if (import.meta.main) await serveCrowd(Number(process.argv[2]), Number(process.argv[3]));
