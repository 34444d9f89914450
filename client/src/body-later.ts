import { LatchkeyError } from "./errors.ts";
import type { BodyOptions } from "./body-transport.ts";
import type { Service } from "./service.ts";
import type { Group } from "./tabs.ts";
import type { Transport } from "./transport.ts";

type Method = Exclude<keyof Transport, "isShared" | "onElsewhere">;

/**
 * `transport: "body"`. Most applications use the cookie, so this code is a module of its own, which bundlers put into a
 * file of its own. It is fetched from now on; until it is here, calls wait for it.
 */
export function bodyLater(service: Service, options: BodyOptions): Transport {
  let loading: Promise<Required<Transport>> | undefined;
  let elsewhere: [(isEnd: boolean) => void, Group] | undefined;

  async function load(): Promise<Required<Transport>> {
    // The dynamic import alone: what fails later is not a network error.
    const { bodyTransport } = await import("./body-transport.ts").catch((cause: unknown) => {
      throw new LatchkeyError("NETWORK_ERROR", `A part of this app could not be loaded: ${String(cause)}`, { cause });
    });
    const transport = bodyTransport(service, options);
    if (elsewhere && !elsewhere[1].signal.aborted) transport.onElsewhere(...elsewhere);
    return transport;
  }

  /** A failure is not kept, so that the next call tries again. */
  const loaded = () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));

  const later = <K extends Method>(name: K) =>
    (async (...given: readonly unknown[]) => {
      const run = (await loaded())[name] as (...given: readonly unknown[]) => unknown;
      return run(...given);
    }) as unknown as Required<Transport>[K];

  loaded().catch(() => {});
  return {
    isShared: false,
    signIn: later("signIn"),
    renew: later("renew"),
    credentials: later("credentials"),
    forget: later("forget"),
    goTo: later("goTo"),
    authorize: later("authorize"),
    arrival: later("arrival"),
    onElsewhere: (...given) => {
      elsewhere = given;
    },
  };
}
