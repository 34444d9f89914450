// Firefox, driven by its own protocol: WebDriver commands in JSON over a socket, and some of Mozilla's own besides.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findFreePort } from "../../tools/free-port.ts";
import { temporaryFolder } from "./folder.ts";
import { whenDone } from "./when-done.ts";

const places = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

/** The Firefox that tests drive: the one that FIREFOX names, else what is installed; undefined for none. */
export const firefoxPath = process.env["FIREFOX"] ?? places.find((place) => existsSync(place));

export interface Firefox {
  /** Sends a command, and waits for its result. */
  send<T>(command: string, parameters?: object): Promise<T>;
  /** Runs a function in the page, and waits for what it promises. */
  run<T, A>(script: (argument: A) => Promise<T> | T, argument: A): Promise<T>;
}

/** Starts Firefox with a profile of its own, without a window. It ends when the file is done. */
export async function startFirefox(preferences: Record<string, boolean | number | string> = {}): Promise<Firefox> {
  const [port, profile] = [await findFreePort(), temporaryFolder()];
  const lines = Object.entries({ ...preferences, "marionette.port": port }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(path.join(profile, "user.js"), lines.join("\n"));
  const browser = spawn(firefoxPath ?? "", ["--headless", "--marionette", "--no-remote", "--profile", profile], {
    stdio: "ignore",
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  whenDone(async () => {
    browser.kill("SIGTERM");
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, "exit");
  });
  const socket = await connect(port);
  whenDone(() => void socket.destroy());
  const send = speak(socket);
  await send("WebDriver:NewSession", { acceptInsecureCerts: true });
  await send("WebDriver:SetTimeouts", { script: 60_000, pageLoad: 60_000 });
  return {
    send,
    async run(script, argument) {
      const body = `return (${script.toString()})(arguments[0]);`;
      const parameters = { script: body, args: [argument], sandbox: null };
      return (await send<{ value: never }>("WebDriver:ExecuteScript", parameters)).value;
    },
  };
}

/** Waits until Firefox listens, a minute at most. */
async function connect(port: number): Promise<net.Socket> {
  for (let left = 600; ; left -= 1) {
    const socket = net.connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (left <= 0) throw error;
      await wait(100);
    }
  }
}

/** Each message is the length of its JSON, a colon and the JSON: `[0, id, command, parameters]`, answered by `[1, id, error, result]`. */
function speak(socket: net.Socket): Firefox["send"] {
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let received = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (let colon = received.indexOf(":"); colon >= 0; colon = received.indexOf(":")) {
      const end = colon + 1 + Number(received.subarray(0, colon).toString());
      if (received.length < end) return;
      const message = JSON.parse(received.subarray(colon + 1, end).toString()) as unknown;
      received = received.subarray(end);
      // The first one only greets.
      if (!Array.isArray(message)) continue;
      const [, id, error, result] = message as [number, number, object | null, never];
      if (error === null) waiting.get(id)?.resolve(result);
      else waiting.get(id)?.reject(new Error(JSON.stringify(error)));
    }
  });
  let last = 0;
  return (command, parameters = {}) => {
    const id = (last += 1);
    const message = JSON.stringify([0, id, command, parameters]);
    socket.write(`${Buffer.byteLength(message)}:${message}`);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
}
