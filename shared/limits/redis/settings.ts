import * as z from "zod";
import type { Identity } from "../../platform/identity.ts";
import type { Runtime } from "../../platform/runtime/settings.ts";
import { section } from "../../platform/settings/section.ts";
import { loopbackHosts } from "../../platform/settings/types.ts";
import type { RedisLogin } from "./entra-login.ts";

const redisUrl = z
  .string()
  .refine((text) => {
    const url = URL.parse(text);
    if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "") return false;
    const isBare = `${url.search}${url.hash}` === "" && /^\/?$/.test(url.pathname);
    return isBare && (url.username === "" || url.password !== "") && loginOf(url) !== undefined;
  }, "must be rediss://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT in percent-encoding, and nothing after that")
  .refine((text) => {
    const url = URL.parse(text);
    return url?.protocol !== "redis:" || loopbackHosts.has(url.hostname);
  }, "must be rediss://, except for a server on this machine");

/** The user name and password in a URL; undefined if they are encoded wrongly. */
function loginOf({ username, password }: URL): RedisLogin | undefined {
  try {
    return { username: decodeURIComponent(username) || "default", password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}

/** Where rate limits are counted, if not in the database. */
export const redisSettings = section({
  title: "Redis",
  about: "Counts rate limits in Redis instead of in the database: see [limits](limits.md#redis).",
  settings: {
    url: {
      name: "REDIS_URL",
      type: redisUrl,
      isSecret: true,
      about:
        "The Redis server, such as `rediss://NAME.REGION.redis.azure.net:10000`. Without a password in it, the service signs in with its managed identity. Without TLS (`redis://`), on this machine only.",
    },
  },
  complete: ({ url }, { runtime }: { readonly runtime: Runtime }) => ({
    server: url === undefined ? undefined : Object.freeze(toServer(new URL(url), runtime.identity)),
  }),
});

/** How to reach a Redis server. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** A password, or the identity whose tokens are the password; neither for a server without one. */
  readonly login:
    | { readonly username: string; readonly password: string }
    | { readonly identity: Identity }
    | undefined;
}

function toServer(url: URL, identity: Identity): RedisServer {
  const isTls = url.protocol === "rediss:";
  return {
    host: url.hostname.replace(/^\[(.+)\]$/, "$1"),
    port: Number(url.port || 6379),
    isTls,
    login: url.password !== "" ? loginOf(url) : isTls ? { identity } : undefined,
  };
}
