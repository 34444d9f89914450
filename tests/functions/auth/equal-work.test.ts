import { describe, expect, test } from "vitest";
import { signInWithPassword } from "../../../shared/flows/sign-in/password-sign-in.ts";
import { referenceEngine, type Argon2Parameters } from "../../../shared/passwords/engine.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../support/context.ts";
import { createTestServices, type TestServices } from "../../support/service.ts";

const reference = await referenceEngine();
const password = "correct horse battery";
const cost = (memoryKib: number, iterations = 1): Argon2Parameters => ({ memoryKib, iterations, parallelism: 1 });
const textOf = ({ memoryKib, iterations }: Argon2Parameters) => `$argon2id$v=19$m=${memoryKib},t=${iterations},p=1`;

/** Somebody whose hash costs this, as their last sign-in has left it. */
async function personWith({ services, clock }: TestServices, parameters: Argon2Parameters): Promise<string> {
  const email = `m${parameters.memoryKib}t${parameters.iterations}@example.com`;
  const passwordHash = await reference.hash(password, parameters);
  const now = addSeconds(clock.now(), parameters.memoryKib);
  await services.accounts.create({ id: newId(now), email, username: "P", locale: "en", passwordHash }, now);
  return email;
}

const silent = { requestId: "r", functionName: "auth-login", write: () => undefined };

/** Of pairs of a sample of each, the part in which the first is larger, ties counting half: a half for equal distributions. */
function share(one: readonly number[], other: readonly number[]): number {
  const wins = one.map((a) => other.reduce((sum, b) => sum + (a > b ? 1 : a === b ? 0.5 : 0), 0));
  return wins.reduce((sum, count) => sum + count, 0) / (one.length * other.length);
}

describe("15.7 the distribution of 500 sign-ins at known and 500 at unknown addresses", { timeout: 300_000 }, () => {
  const generations = [cost(64), cost(1024), cost(2048, 2)] as const;

  test.each([
    ["raised twice", generations[2]],
    ["lowered", generations[0]],
    ["raised, then lowered", generations[1]],
  ])("is one, with three generations of parameters: the cost was %s", async (_what, today) => {
    const instance = await createTestServices({
      ARGON2_MEMORY_KIB: String(today.memoryKib),
      ARGON2_ITERATIONS: String(today.iterations),
    });
    const people = [];
    for (const each of generations) people.push(await personWith(instance, each));
    const { services } = instance;
    // What one call costs the processor, whatever else the machine does: its own threads' time, those that hash included.
    const sample = async (email: string): Promise<number> => {
      const before = process.cpuUsage();
      const signIn = () => signInWithPassword(contextOf(services), { email, password: "another password" });
      await expect(withinInvocation(silent, signIn)).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const known: number[][] = people.map(() => []);
    const unknown: number[] = [];
    for (let warm = 0; warm < 20; warm += 1) await sample(people[warm % 3] ?? "");
    // One of each in turn, so that what slows one side slows the other.
    for (let count = 0; count < 500; count += 1) {
      known[count % 3]?.push(await sample(people[count % 3] ?? ""));
      unknown.push(await sample(`nobody${count}@example.com`));
    }
    const shares = known.map((samples) => share(samples, unknown));
    for (const each of [...shares, share(known.flat(), unknown)]) {
      expect(each, JSON.stringify(shares)).toBeGreaterThan(0.35);
      expect(each, JSON.stringify(shares)).toBeLessThan(0.65);
    }
  });
});

describe("15.7 what the table tells of the parameters", () => {
  test("each once, whatever the number of accounts; those of nobody any more are gone", async () => {
    const instance = await createTestServices();
    const { services, clock } = instance;
    for (const each of [cost(64), cost(128), cost(256)]) await personWith(instance, each);
    expect(await services.accounts.passwordParameters(10)).toEqual(
      [cost(64), cost(128), cost(256)].map(textOf).toSorted(),
    );
    expect(await services.accounts.passwordParameters(2)).toHaveLength(2);
    const signIn = { email: "m128t1@example.com", password };
    expect(await signInWithPassword(contextOf(services), signIn)).toBeDefined();
    expect(await services.accounts.passwordParameters(10)).toEqual([cost(64), cost(256)].map(textOf).toSorted());
    await services.accounts.proveAddress(
      {
        accountId: (await services.accounts.findByEmail("m256t1@example.com"))?.accountId ?? "",
        email: "m256t1@example.com",
        username: "P",
        name: null,
        picture: null,
      },
      clock.now(),
    );
    expect(await services.accounts.passwordParameters(10)).toEqual([textOf(cost(64))]);
  });

  test("where an older release has left a hash and nothing beside it, the next sign-in notes what it costs", async () => {
    const instance = await createTestServices();
    const { services } = instance;
    const email = await personWith(instance, cost(64));
    const db = services.database.queries.withTables<{ users: { email: string; password_parameters: string | null } }>();
    await db.updateTable("users").set({ password_parameters: null }).where("email", "=", email).execute();
    expect(await services.accounts.passwordParameters(10)).toEqual([]);
    expect(await signInWithPassword(contextOf(services), { email, password })).toBeDefined();
    expect(await services.accounts.passwordParameters(10)).toEqual([textOf(cost(64))]);
  });
});
