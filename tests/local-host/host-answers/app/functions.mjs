// What a function returns here, and what the real host made of it, stands in cases.json.
import { app } from "@azure/functions";

const on = (name, methods, route, handler) =>
  app.http(name, { methods, route, authLevel: "anonymous", handler });
const get = (route, handler) => on(route, ["GET"], route, handler);
const every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Answers with what the handler was given. */
const echo = (name) => async (request) => {
  const bytes = Buffer.from(await request.arrayBuffer());
  const headers = Object.fromEntries(
    [...request.headers.entries()].filter(
      ([key]) => !/^(host|connection|accept|user-agent)$/.test(key),
    ),
  );
  return {
    jsonBody: {
      function: name,
      method: request.method,
      url: request.url,
      params: request.params,
      query: [...request.query.entries()],
      headers,
      body: bytes.toString("base64"),
    },
  };
};

// matching: by function name, not by how specific the route is
on("a-by-id", ["GET"], "users/{id}", echo("a-by-id"));
on("b-me", ["GET"], "users/me", echo("b-me"));
on("z-by-id", ["GET"], "things/{id}", echo("z-by-id"));
on("y-me", ["GET"], "things/me", echo("y-me"));
on("echo", ["GET", "POST", "PUT", "HEAD", "OPTIONS"], "echo", echo("echo"));
on("getonly", ["GET"], "getonly", echo("getonly"));
on("parts", ["GET"], "parts/{first}/{second?}", echo("parts"));
on("number", ["GET"], "number/{n:int}", echo("number"));
on("dotted", ["GET"], ".well-known/jwks.json", echo("dotted"));
on("home", ["GET"], "/", echo("home"));
on("zz-fallback", every, "{*path}", echo("zz-fallback"));

// bodies
get("bytes", async () => ({
  body: Buffer.from([0, 255, 1, 254]),
  headers: { "content-type": "image/png" },
}));
get("bytes-untyped", async () => ({ body: Buffer.from("abc") }));
get("text", async () => ({ body: "é" }));
get("html", async () => ({
  body: "<p>é</p>",
  headers: { "content-type": "text/html; charset=utf-8" },
}));
get("problem", async () => ({
  status: 400,
  jsonBody: { a: 1 },
  headers: { "content-type": "application/problem+json" },
}));
get("json-null", async () => ({ jsonBody: null }));
get("json-values", async () => ({
  jsonBody: { missing: undefined, list: [undefined], date: new Date(0) },
}));
get("stream", async () => ({
  body: new ReadableStream({
    start(c) {
      c.enqueue(Buffer.from("ab"));
      c.enqueue(Buffer.from("cd"));
      c.close();
    },
  }),
}));
get("nothing", async () => undefined);
get("empty", async () => ({}));
get("a-string", async () => "text");
get("throws", async () => {
  throw new Error("boom");
});
on("head-too", ["GET", "HEAD"], "head-too", async (request) => ({
  body: request.method === "HEAD" ? undefined : "abc",
  headers: { "x-method": request.method },
}));

// status and headers
get("status-204", async () => ({ status: 204 }));
get("status-304", async () => ({ status: 304, headers: { etag: '"x"' } }));
get("status-text", async () => ({ status: "404", body: "x" }));
get("status-1000", async () => ({ status: 1000, body: "x" }));
get("redirect", async () => ({
  status: 302,
  headers: { location: "https://example.com/%C3%A9?x=1#f" },
}));
get("redirect-raw", async () => ({ status: 302, headers: { location: "https://example.com/é" } }));
get("header-raw", async () => ({ body: "x", headers: { "x-a": "é" } }));
get("challenge", async () => ({
  status: 401,
  headers: { "www-authenticate": 'Bearer realm="x"' },
  jsonBody: { e: 1 },
}));
get("headers-twice", async () => {
  const headers = new Headers();
  headers.append("vary", "Origin");
  headers.append("vary", "Accept");
  return { body: "x", headers };
});
get("headers-many", async () => ({
  body: "abc",
  headers: {
    "cache-control": "no-store",
    "retry-after": "5",
    "x-request-id": "r",
    allow: "GET, POST",
    etag: 'W/"1"',
    "content-length": "3",
    "content-security-policy": "default-src 'none'",
  },
}));

// cookies
const cookies = (route, ...list) => get(route, async () => ({ body: "x", cookies: list }));
cookies(
  "cookies-two",
  {
    name: "a",
    value: "v 1;=%",
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "Lax",
    maxAge: 600,
  },
  { name: "__Host-b", value: "zwei_-9", path: "/", secure: true, sameSite: "Strict" },
);
cookies("cookie-domain", {
  name: "k",
  value: "1",
  expires: new Date(1893456000000),
  maxAge: 604800,
  path: "/",
  domain: "example.com",
  sameSite: "None",
  secure: true,
  httpOnly: true,
});
cookies("cookie-no-path", { name: "c", value: "2" });
cookies("cookie-gone-by-age", { name: "g", value: "", maxAge: 0, path: "/" });
cookies("cookie-gone-by-epoch", { name: "g", value: "", expires: new Date(0), path: "/" });
cookies("cookie-gone-by-date", { name: "g", value: "", expires: new Date(1000), path: "/" });
cookies("cookie-gone-by-text", {
  name: "g",
  value: "",
  expires: "Thu, 01 Jan 1970 00:00:01 GMT",
  path: "/",
});
get("cookie-header", async () => ({
  body: "x",
  headers: { "set-cookie": "a=1; Path=/; HttpOnly" },
}));
get("cookie-header-twice", async () => {
  const headers = new Headers();
  headers.append("set-cookie", "a=1; Path=/");
  headers.append("set-cookie", "b=2; Path=/");
  return { body: "x", headers };
});
get("cookie-header-and-list", async () => ({
  body: "x",
  headers: { "set-cookie": "h=1; Path=/" },
  cookies: [{ name: "c", value: "2", path: "/" }],
}));
