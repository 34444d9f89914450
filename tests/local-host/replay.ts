import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import { startLocalHost, type LocalHost } from "../../tools/local-host/host.ts";
import { sendRaw } from "./raw-http.ts";

interface Content {
  readonly body?: string;
  readonly base64?: string;
}

interface Case {
  readonly request: Content & {
    readonly method: string;
    readonly path: string;
    readonly headers?: readonly string[];
    readonly big?: number;
  };
  readonly answer: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly json?: unknown;
    readonly text?: string;
    readonly base64?: string;
  };
}

const LEFT_OUT = new Set(["date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"]);

const cases: readonly Case[] = JSON.parse(await readFile(new URL("host-answers/cases.json", import.meta.url), "utf8"));

/** Defines the tests that send each recorded request to the local host, with the functions that `load` registers. */
export function describeReplay(title: string, load: () => Promise<unknown>): void {
  describe(title, () => {
    let host: LocalHost;

    beforeAll(async () => {
      const registry = provideFunctionsCore();
      await load();
      const hostJson = { extensions: { http: { routePrefix: "" } } };
      host = await startLocalHost({ registry, hostJson, port: 0, appendPeer: false, log: () => undefined });
    });

    afterAll(() => host.close());

    test("knows all 91 cases", () => {
      expect(cases).toHaveLength(91);
    });

    test.each(cases.map((one, index) => ({ title: titleOf(one, index), one })))("$title", async ({ one }) => {
      const { status, headers, body } = await sendRaw(host.port, ...toBytes(one.request, host));
      expect(status).toBe(one.answer.status);
      expect(headers.filter(([name]) => !LEFT_OUT.has(name)).toSorted(byName)).toEqual(one.answer.headers);
      expectBody(body, one.answer, host);
    });
  });
}

function titleOf({ request }: Case, index: number): string {
  return `${index + 1}. ${request.method} /${request.path}${request.big ? ` with a header of ${request.big}` : ""}`;
}

function toBytes(
  { method, path, headers = [], big, ...content }: Case["request"],
  host: LocalHost,
): [string[], Buffer] {
  const lines = [`${method} /${path} HTTP/1.1`, "Connection: close"];
  const names = new Set(headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  if (!names.has("host")) lines.push(`Host: 127.0.0.1:${host.port}`);
  if (big) lines.push(`X-Big: ${"a".repeat(big)}`);
  const body = readContent(content);
  if (names.has("transfer-encoding")) return [lines, chunked(body ?? Buffer.alloc(0))];
  if (body) return [[...lines, `Content-Length: ${body.length}`], body];
  // The client that recorded the cases framed a missing body so, for the methods that usually have one.
  if (["POST", "PUT", "PATCH"].includes(method))
    return [[...lines, "Transfer-Encoding: chunked"], chunked(Buffer.alloc(0))];
  return [lines, Buffer.alloc(0)];
}

function readContent({ body, base64 }: Content): Buffer | undefined {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return body === undefined ? undefined : Buffer.from(body);
}

function chunked(body: Buffer): Buffer {
  const chunk = body.length > 0 ? `${body.length.toString(16)}\r\n${body.toString("latin1")}\r\n` : "";
  return Buffer.from(`${chunk}0\r\n\r\n`, "latin1");
}

function expectBody(body: Buffer, { json, text = "", base64 }: Case["answer"], { port }: LocalHost): void {
  if (json !== undefined) {
    const here = JSON.stringify(json)
      .replaceAll("{base}", `http://127.0.0.1:${port}`)
      .replaceAll("{host}", `127.0.0.1:${port}`);
    expect(JSON.parse(body.toString())).toEqual(JSON.parse(here));
  } else {
    expect(body.toString("base64")).toBe(base64 ?? Buffer.from(text).toString("base64"));
  }
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
