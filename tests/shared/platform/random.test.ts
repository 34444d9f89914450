import { expect, test } from "vitest";
import { newId, randomToken } from "../../../shared/platform/crypto/random.ts";

/** The order in which SQL Server sorts `uniqueidentifier`: the last group first, then the fourth, both byte by byte. */
const sqlServerKey = (id: string) => id.split("-").toReversed().slice(0, 2).join("");

test("newId, at later instants, gives ids that SQL Server sorts later", () => {
  const instants = [0, 1, 255, 256, 65_536, 86_400_000, 999_999_999].map(
    (offset) => new Date(1_767_000_000_000 + offset),
  );
  const keys = instants.map((instant) => sqlServerKey(newId(instant)));
  expect(keys).toEqual(keys.toSorted());
  expect(new Set(keys).size).toBe(keys.length);
});

test("newId is a UUIDv8 of RFC 9562, different each time", () => {
  const now = new Date();
  const ids = Array.from({ length: 1000 }, () => newId(now));
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(new Set(ids).size).toBe(1000);
});

test("randomToken has 256 bits as base64url", () => {
  expect(randomToken()).toMatch(/^[\w-]{43}$/);
  expect(randomToken()).not.toBe(randomToken());
});
