// ASVS 16.3: every outcome of every endpoint leaves the audit events that its declaration names.
import { describe, expect, test } from "vitest";
import type { AuditEventType } from "../../shared/audit/event-types.ts";
import { isNothing, typesIn } from "../../shared/audit/refusal.ts";
import { catalogue, type CatalogueEntry } from "../../shared/http/catalogue.ts";
import { account } from "../support/audit-scenarios/account.ts";
import { auth } from "../support/audit-scenarios/auth.ts";
import { mfa } from "../support/audit-scenarios/mfa.ts";
import { oauth } from "../support/audit-scenarios/oauth.ts";
import { passkeys } from "../support/audit-scenarios/passkeys.ts";
import { startWorld, type Arrange, type Scenario } from "../support/audit-scenarios/scenario.ts";
import { social } from "../support/audit-scenarios/social.ts";
import { publicScenario, system } from "../support/audit-scenarios/system.ts";
import { isOutcome } from "../support/declared-events.ts";

const service = await startWorld();
const scenarios: Readonly<Record<string, Scenario>> = {
  ...account,
  ...auth,
  ...mfa,
  ...oauth,
  ...passkeys,
  ...social,
  ...system,
};

describe.each(catalogue().map((entry) => [entry.name, entry] as const))("19.7 %s", (name, entry) => {
  const scenario = scenarios[name] ?? publicScenario(entry);

  test("leaves what it declares, when it succeeds and when it refuses", async () => {
    expect(scenario, missing(entry)).toBeDefined();
    expect(await faultsOf(entry, scenario ?? none)).toEqual([]);
  });
});

describe("19.7 a declaration that lies is found:", () => {
  const entryOf = (name: string) => catalogue().find((entry) => entry.name === name) ?? fail(name);
  const [profile, me] = [entryOf("account-change-profile"), entryOf("auth-me")];
  const profileScenario = account["account-change-profile"] ?? none;

  test.each<[string, CatalogueEntry, Scenario, string]>([
    [
      "a success that is said to leave nothing",
      { ...profile, recorded: { nothing: "It only changes a name" } },
      profileScenario,
      "a success leaves account.profile_changed, which `recorded` does not name",
    ],
    [
      "a success that leaves less than is said",
      { ...profile, recorded: ["account.profile_changed", "session.ended"] },
      profileScenario,
      "no success leaves session.ended, which `recorded` names",
    ],
    [
      "a success that leaves nothing, without a reason",
      { ...me, recorded: ["sign_in.succeeded"] },
      account["auth-me"] ?? none,
      "a success leaves nothing, although `recorded` does not say why",
    ],
    [
      "a refusal of another kind",
      { ...profile, refused: "identity.refused" },
      profileScenario,
      "a refusal leaves account.profile_change_refused, which `refused` does not name",
    ],
    ["a refusal without an event or a reason", { ...profile, refused: {} }, profileScenario, "`refused` says neither"],
    ["a scenario that only succeeds", profile, { ...profileScenario, isRefused: [] }, "add a refusal to the scenario"],
  ])("%s", async (_what, entry, scenario, fault) => {
    expect((await faultsOf(entry, scenario)).join("; ")).toContain(fault);
  });

  test("an endpoint without a scenario is told what to add", () => {
    expect(missing({ ...me, name: "auth-new" })).toContain("add `auth-new` to a file in tests/support/audit-scenarios");
  });
});

const none: Scenario = { succeeds: [], isRefused: [] };

function fail(name: string): never {
  throw new Error(`no endpoint ${name}`);
}

const missing = ({ name }: Pick<CatalogueEntry, "name">) =>
  `add \`${name}\` to a file in tests/support/audit-scenarios: calls that succeed and calls that are refused, which leave all events of \`recorded\` and \`refused\``;

/** What the declaration of an endpoint says otherwise than its calls show. */
async function faultsOf(entry: CatalogueEntry, { succeeds, isRefused }: Scenario): Promise<string[]> {
  const { recorded, refused } = entry;
  const succeeded = await driveAll(entry, succeeds, "success");
  const wasRefused = await driveAll(entry, isRefused, "refusal");
  // Whatever refuses a call before its endpoint leaves its own events.
  const gates = entry.refusedByGates;
  return [
    ...succeeded.faults,
    ...wasRefused.faults,
    ...compare({ ...succeeded, declared: typesIn(recorded), besides: [], names: ["success", "`recorded`"] }),
    ...compare({ ...wasRefused, declared: typesIn(refused), besides: gates, names: ["refusal", "`refused`"] }),
    ...(succeeded.isSilent && !isNothing(recorded)
      ? ["a success leaves nothing, although `recorded` does not say why"]
      : []),
    ...(typesIn(refused).length === 0 && !isNothing(refused) ? ["`refused` says neither what nor why nothing"] : []),
    ...(succeeds.length === 0 && !isNothing(recorded) ? ["add a success to the scenario"] : []),
    ...(isRefused.length === 0 && !isNothing(refused) ? ["add a refusal to the scenario"] : []),
  ];
}

interface Left {
  readonly left: ReadonlySet<AuditEventType>;
  readonly declared: readonly AuditEventType[];
  readonly besides: readonly AuditEventType[];
  readonly names: readonly [kind: string, member: string];
}

function compare({ left, declared, besides, names: [kind, member] }: Left): string[] {
  const known = new Set([...declared, ...besides]);
  return [
    ...[...left]
      .filter((type) => isOutcome(type) && !known.has(type))
      .map((type) => `a ${kind} leaves ${type}, which ${member} does not name`),
    ...declared.filter((type) => !left.has(type)).map((type) => `no ${kind} leaves ${type}, which ${member} names`),
  ];
}

interface Driven {
  readonly left: ReadonlySet<AuditEventType>;
  /** Whether some call left no event. */
  readonly isSilent: boolean;
  readonly faults: readonly string[];
}

/** Makes these calls, one after the other. */
async function driveAll(
  entry: CatalogueEntry,
  arrangements: readonly Arrange[],
  kind: "success" | "refusal",
): Promise<Driven> {
  const driven = [];
  for (const arrange of arrangements) driven.push(await drive(entry, arrange, kind));
  return {
    left: new Set(driven.flatMap(({ types }) => types)),
    isSilent: driven.some(({ types }) => types.length === 0),
    faults: driven.flatMap(({ fault }) => fault ?? []),
  };
}

async function drive({ name }: CatalogueEntry, arrange: Arrange, kind: "success" | "refusal") {
  const send = await arrange(service);
  const start = service.logLines.length;
  const { status, headers } = await send();
  const lines = service.logLines.slice(start).map((line) => JSON.parse(line) as Line);
  const isRefusal = status >= 400 || /[?&]error=/.test(headers.get("location") ?? "");
  const own = lines.filter((line) => line.function === name);
  const types = own.filter(({ event }) => event === "audit").map(({ type }) => type);
  const fault = isRefusal === (kind === "refusal") ? undefined : `a ${kind} of the scenario answered ${status}`;
  return { types, fault };
}

interface Line {
  readonly event: string;
  readonly function?: string;
  readonly type: AuditEventType;
}
