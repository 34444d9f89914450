import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

/** A front before the service that lets every connection come from another network. */
export interface Crowd {
  readonly port: number;
  /** How often each account's password was tried: attempts that were answered 401, and so cost a verification. */
  readonly tried: ReadonlyMap<string, number>;
  /** How many attempts were answered with each status. */
  readonly statuses: ReadonlyMap<string, number>;
  stop(): void;
}

/** The address of a network: each is another /24. */
export const addressIn = (network: number) => `127.0.${network}.1`;

/** Starts a front before `port` for so many networks. Each connection carries one sign-in. */
export async function startCrowd(port: number, networks: number): Promise<Crowd> {
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
  return { port: (server.address() as AddressInfo).port, tried, statuses, stop: () => void server.close() };
}
