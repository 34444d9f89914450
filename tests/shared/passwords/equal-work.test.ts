import { describe, expect, test } from "vitest";
import { referenceEngine, type Argon2Parameters, type PasswordEngine } from "../../../shared/passwords/engine.ts";
import { maxGenerations } from "../../../shared/passwords/generations.ts";
import { createPasswords } from "../../../shared/passwords/passwords.ts";
import { hashParameters } from "../../../shared/platform/phc.ts";
import { createTestClock } from "../../support/clock.ts";

const reference = await referenceEngine();
const password = "correct horse battery";
const cost = (memoryKib: number, iterations = 1): Argon2Parameters => ({ memoryKib, iterations, parallelism: 1 });
const textOf = ({ memoryKib, iterations }: Argon2Parameters) => `$argon2id$v=19$m=${memoryKib},t=${iterations},p=1`;

/** An engine that notes what each of its verifications costs. */
function counting(): PasswordEngine & { work: string[] } {
  const work: string[] = [];
  return {
    name: "argon2",
    work,
    hash: reference.hash,
    async verify(phc, typed) {
      work.push(hashParameters(phc) ?? "none");
      return reference.verify(phc, typed);
    },
  };
}

describe("15.7 known and unknown addresses do equal work", () => {
  const generations = [cost(64), cost(512, 2), cost(256, 3)];

  describe.each([
    ["the cheapest are today's: the cost was lowered", cost(64)],
    ["the most expensive are today's: it was raised", cost(512, 2)],
    ["those in the middle are today's", cost(256, 3)],
    ["none of them are today's", cost(128)],
  ])("of three generations of parameters, %s:", (_what, today) => {
    test("whichever generation a hash has, with none, and right or wrong", async () => {
      const engine = counting();
      const texts = generations.map(textOf);
      const passwords = createPasswords(today, { engine: async () => engine, generations: async () => texts });
      const hashes = await Promise.all(generations.map((each) => reference.hash(password, each)));
      const workOf = async (typed: string, hash: string | null | undefined) => {
        engine.work.length = 0;
        const isMatch = await passwords.verify(typed, hash);
        return [isMatch, [...engine.work]] as const;
      };
      const all = [...new Set([...texts, textOf(today)])].toSorted();
      for (const hash of [undefined, null]) expect(await workOf(password, hash)).toEqual([false, all]);
      for (const hash of hashes) {
        expect(await workOf(password, hash)).toEqual([true, all]);
        expect(await workOf("another password", hash)).toEqual([false, all]);
      }
    });
  });

  test("one hash at a time in one place of the queue, however many generations there are", async () => {
    let [running, most] = [0, 0];
    const engine: PasswordEngine = {
      ...reference,
      async verify(phc, typed) {
        running += 1;
        most = Math.max(most, running);
        return reference.verify(phc, typed).finally(() => (running -= 1));
      },
    };
    const options = { engine: async () => engine, generations: async () => generations.map(textOf) };
    const passwords = createPasswords(cost(64), { ...options, bounds: { concurrency: 2, maxWaiting: 100 } });
    await Promise.all(Array.from({ length: 10 }, () => passwords.verify(password, undefined)));
    expect(most).toBe(2);
  });

  test("parameters that are met on a row, and that the table does not tell of, count at once", async () => {
    const engine = counting();
    const passwords = createPasswords(cost(64), { engine: async () => engine });
    await passwords.verify(password, await reference.hash(password, cost(256)));
    engine.work.length = 0;
    await passwords.verify(password, undefined);
    expect(engine.work).toEqual([textOf(cost(256)), textOf(cost(64))].toSorted());
  });

  test("generations are read once, then anew when they are a minute old, and one that is gone costs nobody anything", async () => {
    const engine = counting();
    const clock = createTestClock();
    let table = [textOf(cost(256))];
    let reads = 0;
    const read = async () => {
      reads += 1;
      return table;
    };
    const passwords = createPasswords(cost(64), { engine: async () => engine, generations: read, clock });
    const work = async () => {
      engine.work.length = 0;
      await passwords.verify(password, undefined);
      return engine.work.length;
    };
    expect([await work(), await work(), reads]).toEqual([2, 2, 1]);
    table = [];
    clock.advance(61);
    // This one still counts them: they are reread beside it.
    await work();
    expect([await work(), reads]).toEqual([1, 2]);
  });

  test("a failed reading leaves what was known; at the very first the call fails, for everybody", async () => {
    const engine = counting();
    const clock = createTestClock();
    let fault: Error | undefined = new Error("away");
    const read = async () => {
      if (fault) throw fault;
      return [textOf(cost(256))];
    };
    const passwords = createPasswords(cost(64), { engine: async () => engine, generations: read, clock });
    await expect(passwords.verify(password, undefined)).rejects.toThrow("away");
    fault = undefined;
    await passwords.verify(password, undefined);
    fault = new Error("away again");
    clock.advance(3600);
    for (let count = 0; count < 3; count += 1) await passwords.verify(password, undefined);
    expect(engine.work).toHaveLength(8);
  });

  test("of more generations than are counted, the cheapest are left out; a hash of theirs takes the cheapest's place", async () => {
    const engine = counting();
    const many = Array.from({ length: 30 }, (_, index) => cost(8 + index));
    const options = { engine: async () => engine, generations: async () => many.map(textOf) };
    const passwords = createPasswords(cost(8), options);
    const work = async (hash?: string) => {
      engine.work.length = 0;
      await passwords.verify(password, hash);
      return [...engine.work];
    };
    const unknown = await work();
    const dearest = many.slice(-(maxGenerations - 1)).map(textOf);
    expect(unknown).toEqual([textOf(cost(8)), ...dearest].toSorted());
    const old = await work(await reference.hash(password, cost(10)));
    expect(old).toEqual([textOf(cost(8)), textOf(cost(10)), ...dearest.slice(1)].toSorted());
    expect(await work(await reference.hash(password, cost(37)))).toEqual(unknown);
  });

  test.each([
    ["that is no hash of Argon2", "$2b$12$abcdefghijklmnopqrstuv"],
    ["whose parameters no engine takes", "$argon2id$v=19$m=1,t=1,p=9$c2FsdHNhbHQ$aGFzaGhhc2g"],
  ])("a hash %s lets nobody in, and breaks no other sign-in", async (_what, broken) => {
    const engine = counting();
    const passwords = createPasswords(cost(64), { engine: async () => engine });
    expect(await passwords.verify(password, broken)).toBe(false);
    const broke = engine.work.filter((text) => text === textOf(cost(64))).length;
    expect(await passwords.verify(password, undefined)).toBe(false);
    expect(await passwords.verify(password, await reference.hash(password, cost(64)))).toBe(true);
    expect(broke).toBe(1);
  });
});
