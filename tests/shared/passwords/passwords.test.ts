import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { createBounded } from "../../../shared/passwords/bounded.ts";
import {
  loadPasswordEngine,
  nodeRsEngine,
  referenceEngine,
  type PasswordEngine,
} from "../../../shared/passwords/engine.ts";
import { createPasswords } from "../../../shared/passwords/passwords.ts";
import { isPossiblePassword, lengthOf, textFault } from "../../../shared/passwords/text.ts";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";

const cheap = { memoryKib: 64, iterations: 1, parallelism: 1 };
const owasp = { memoryKib: 19456, iterations: 2, parallelism: 1 };
const engines = [await referenceEngine(), await nodeRsEngine()] as const;

describe.each(engines)("the engine $name", (engine) => {
  test("ASVS 11.4.2: hashes with the parameters it was given, as its PHC string says", async () => {
    const hash = await engine.hash("a password", owasp);
    expect(hash).toMatch(/^\$argon2id\$v=19\$/);
    for (const field of ["m=19456", "t=2", "p=1"]) expect(hash).toContain(field);
  });

  test("ASVS 6.2.8: every byte counts", async () => {
    const password = ` ${"0".repeat(71)}é\u0000😀 `;
    const hash = await engine.hash(password, cheap);
    expect(await engine.verify(hash, password)).toBe(true);
    for (const other of [
      password.trim(),
      `${password} `,
      password.replace("\u0000", ""),
      password.slice(0, 72),
      password.split("\u0000")[0] ?? "",
    ]) {
      expect(await engine.verify(hash, other), JSON.stringify(other)).toBe(false);
    }
  });

  test.each(engines)("verifies the hashes of $name", async (other) => {
    const hash = await other.hash("pass\u0000wörd", cheap);
    expect(await engine.verify(hash, "pass\u0000wörd")).toBe(true);
    expect(await engine.verify(hash, "pass\u0000word")).toBe(false);
  });
});

describe("loadPasswordEngine", () => {
  test("where the optional engine works, takes it", async () => {
    expect((await loadPasswordEngine()).name).toBe("@node-rs/argon2");
  });
});

describe("passwords", () => {
  const counted = (): PasswordEngine & { verified: string[] } => {
    const verified: string[] = [];
    return {
      name: "argon2",
      verified,
      hash: engines[0].hash,
      async verify(phc, password) {
        verified.push(phc);
        return engines[0].verify(phc, password);
      },
    };
  };

  test("ASVS 6.3.8 enumeration: without an account, the same work is done and the answer is no", async () => {
    const engine = counted();
    const passwords = createPasswords(owasp, { engine: async () => engine });
    expect(await passwords.verify("a password", undefined)).toBe(false);
    expect(await passwords.verify("a password", null)).toBe(false);
    expect(engine.verified).toHaveLength(2);
    for (const phc of engine.verified) expect(passwords.isOutdated(phc)).toBe(false);
  });

  test("not even the decoy's own password signs in", async () => {
    const passwords = createPasswords(cheap, { engine: async () => engines[0] });
    expect(await passwords.verify("the password of no account", undefined)).toBe(false);
  });

  test("ASVS 6.2.8: canonical equivalents are one password, in either direction", async () => {
    const passwords = createPasswords(cheap);
    const hash = await passwords.hash("caf\u00E9 caf\u00E9 caf\u00E9");
    expect(await passwords.verify("cafe\u0301 cafe\u0301 cafe\u0301", hash)).toBe(true);
  });

  test("a hash with other parameters is outdated, whatever the order of its fields", async () => {
    const passwords = createPasswords(cheap);
    expect(passwords.isOutdated("$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA")).toBe(false);
    expect(passwords.isOutdated("$argon2id$v=19$m=64,p=1,t=1$c2FsdA$aGFzaA")).toBe(false);
    expect(passwords.isOutdated("$argon2id$v=19$m=640,t=1,p=1$c2FsdA$aGFzaA")).toBe(true);
    expect(passwords.isOutdated("$argon2i$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA")).toBe(true);
  });

  test("an engine that fails to load once is loaded again", async () => {
    let attempts = 0;
    const passwords = createPasswords(cheap, {
      engine: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error("not yet");
        return engines[0];
      },
    });
    await expect(passwords.hash("a password")).rejects.toThrow("not yet");
    expect(await passwords.hash("a password")).toContain("$argon2id$");
  });
});

describe("createBounded", () => {
  test("ASVS 11.4.2: of many jobs at once, runs as many as allowed, keeps their order, and turns the rest away", async () => {
    const inTurn = createBounded({ concurrency: 2, maxWaiting: 3 });
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        inTurn(async () => {
          running += 1;
          most = Math.max(most, running);
          order.push(index);
          await sleep(5);
          running -= 1;
          if (index === 1) throw new Error("a job may fail");
        }),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    const refused = results
      .slice(5)
      .map((result) => (result.status === "rejected" ? (result.reason as unknown) : undefined));
    for (const error of refused) expect(error).toMatchObject({ code: "OVERLOADED", options: { retryAfterSeconds: 1 } });
    expect(refused[0]).toBeInstanceOf(ApiError);
    await expect(inTurn(async () => "room again")).resolves.toBe("room again");
  });
});

describe("textFault", () => {
  test("a password of 64 kB is refused before it is normalised, which would take long", () => {
    const normalize = vi.spyOn(String.prototype, "normalize");
    const password = `a${"\u0315".repeat(16_000)}${"\u0327".repeat(16_000)}`;
    expect(isPossiblePassword(password)).toBe(false);
    expect(textFault(password)).toContain("1024 bytes");
    expect(normalize).not.toHaveBeenCalled();
    normalize.mockRestore();
    expect(isPossiblePassword("e\u0301".repeat(512)), "1536 bytes that NFC makes 1024").toBe(true);
  });

  test("NIST SP 800-63B-4 3.1.1: 64 characters and more are accepted, up to 1024 bytes", () => {
    expect(textFault("a".repeat(1024))).toBeUndefined();
    expect(textFault("a".repeat(1025))).toContain("1024 bytes");
    expect(textFault("é".repeat(513))).toContain("1024 bytes");
  });

  test("NUL counts like any character, a lone surrogate is refused", () => {
    expect(textFault("\u0000".repeat(15))).toBeUndefined();
    expect(textFault(`${"a".repeat(20)}\uD800`)).toBe("must be valid Unicode text");
    expect(isPossiblePassword("\uDC00")).toBe(false);
    expect(isPossiblePassword("short")).toBe(true);
  });
});

test("lengthOf counts code points after NFC", () => {
  expect([lengthOf("😀😀"), lengthOf("e\u0301"), lengthOf(" \u0000 ")]).toEqual([2, 1, 3]);
});
