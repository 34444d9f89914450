import canonicalize from "canonicalize";
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { anchorType, digestOfJws, makeAnchor, rootOf } from "../../../../shared/audit/anchors/anchor.ts";
import { readAnchor } from "../../../../shared/audit/anchors/read-anchor.ts";
import { unsigned, verifyAnchor } from "../../../support/anchors.ts";

const now = new Date("2026-11-30T12:00:00.000Z");
const head = (digit: string, count = 1) => ({
  chain: `${digit.repeat(8)}-0000-4000-8000-000000000000`,
  count,
  hash: Buffer.alloc(32, digit).toString("base64url"),
});
const heads = [head("c", 7), head("a"), head("b", 2)];
const anchor = makeAnchor(heads, { last: undefined, now });
const { publicKey, privateKey } = await generateKeyPair("ES256");
const sign = async (text: string, header = {}) =>
  new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: "ES256", kid: "a", typ: anchorType, jwk: await exportJWK(publicKey), ...header })
    .sign(privateKey);
const byHeader = ({ jwk }: { jwk?: object | undefined }) => importJWK(jwk as JWK, "ES256");

describe("19.3 an anchor", () => {
  test("is in canonical form (RFC 8785), by another's code, with its heads sorted", async () => {
    const jws = await sign(JSON.stringify(anchor));
    expect(await verifyAnchor(jws, byHeader)).toEqual(anchor);
    expect(JSON.stringify(anchor)).toBe(canonicalize(anchor));
    expect(anchor.heads.map(({ chain }) => chain[0])).toEqual(["a", "b", "c"]);
    expect(anchor).toMatchObject({ number: 1, previous: null, time: "2026-11-30T12:00:00.000Z" });
    expect(makeAnchor(heads, { last: { number: 7, jws }, now })).toMatchObject({
      number: 8,
      previous: digestOfJws(jws),
      pruned: null,
    });
    const pruned = "2026-10-01T00:00:00.000Z";
    const removal = makeAnchor([], { last: { number: 7, jws }, now, pruned });
    expect(JSON.stringify(removal)).toBe(canonicalize(removal));
    expect(await verifyAnchor(await sign(JSON.stringify(removal)), byHeader)).toMatchObject({ heads: [], pruned });
  });

  test("that another key has signed is refused", async () => {
    const jws = await sign(JSON.stringify(anchor));
    const other = await generateKeyPair("ES256");
    await expect(verifyAnchor(jws, async () => other.publicKey)).rejects.toThrow(
      "its signature is not that of the key",
    );
    await expect(verifyAnchor(unsigned(anchor), async () => publicKey)).rejects.toThrow("its signature is not");
  });

  test("whose header names another kind of key than it is, is refused before that key is used", async () => {
    const text = JSON.stringify(anchor);
    const hmac = await new CompactSign(Buffer.from(text))
      .setProtectedHeader({ alg: "HS256", typ: anchorType })
      .sign(new Uint8Array(32));
    await expect(verifyAnchor(hmac, async () => publicKey)).rejects.toThrow("its signature is not that of the key");
  });

  const json = JSON.stringify(anchor);
  const [first, second] = anchor.heads;
  test.each([
    ["an access token", unsigned({ sub: "a" }, { alg: "ES256", typ: "at+jwt" }), "its header is not that of an anchor"],
    ["no algorithm", unsigned(anchor, { alg: "none", typ: anchorType }), "its header is not that of an anchor: alg"],
    [
      "a private key",
      unsigned(anchor, { alg: "ES256", typ: anchorType, jwk: { d: "a" } }),
      "not that of an anchor: jwk",
    ],
    ["a critical extension", unsigned(anchor, { alg: "ES256", typ: anchorType, crit: ["b64"] }), "its header is not"],
    ["spaces", unsigned(json.replace(",", ", ")), "its payload is not in canonical form"],
    ["a doubled member", unsigned(json.replace('"number":1', '"number":2,"number":1')), "not in canonical form"],
    ["another order", unsigned(Object.fromEntries(Object.entries(anchor).toReversed())), "not in canonical form"],
    ["heads that are not sorted", unsigned({ ...anchor, heads: [second, first] }), "its heads are not sorted"],
    ["a chain twice", unsigned({ ...anchor, heads: [first, first] }), "its heads are not sorted"],
    ["a count of none", unsigned({ ...anchor, heads: [head("a", 0)] }), "not that of an anchor: heads.0.count"],
    [
      "an hour of removal",
      unsigned({ ...anchor, pruned: "2026-11-30T01:00:00.000Z" }),
      "not that of an anchor: pruned",
    ],
    ["no removal at all", unsigned({ ...anchor, pruned: undefined }), "not that of an anchor: pruned"],
    ["a key id that writes to terminals", unsigned(anchor, { alg: "ES256", typ: anchorType, kid: "\u001b[2J" }), "kid"],
    ["another root", unsigned({ ...anchor, root: rootOf([]) }), "its root is not that of its heads"],
    ["a number that is none", unsigned({ ...anchor, number: 1.5 }), "not that of an anchor: number"],
    ["another spelling of the time", unsigned({ ...anchor, time: "2026-11-30T12:00:00Z" }), "an anchor: time"],
    ["bytes that are no text", unsigned("\u00e4").replace("w6Q", "_w"), "is not UTF-8"],
    ["padding", unsigned(anchor).replace(".", "=."), "is not base64url"],
    ["a part too many", `${unsigned(anchor)}.a`, "is not a compact JWS"],
    ["a part too few", "a.b", "is not a compact JWS"],
    ["nothing", "", "is not a compact JWS"],
    ["more than an anchor can have", "a".repeat(5_000_000), "is longer than an anchor can be"],
  ])("with %s is refused, and says so", (_what, jws, message) => {
    expect(() => readAnchor(jws)).toThrow(message);
  });
});
