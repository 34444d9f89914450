import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue, type CatalogueEntry } from "../../shared/http/catalogue.ts";
import { policies, policyNames } from "../../shared/limits/policies.ts";
import { settingOf } from "../../shared/limits/settings.ts";
import { toSchema } from "../../tools/openapi/schema.ts";
import { loadFunctions } from "../support/service.ts";

beforeAll(loadFunctions);

/** What strangers may call without a limit, and why. */
const unlimited = new Map([
  ["auth-logout", "refusing it would leave a session open"],
  ["dev-mailbox", "in development only"],
  ["empty-dev-mailbox", "in development only"],
]);

/** What anybody may call, but for documents and pages that are kept in memory. */
const isStrangers = ({ access, method, route, worksWithoutDatabase, needsNoSettings }: CatalogueEntry) =>
  access !== "session" && (method !== "GET" || !(worksWithoutDatabase || needsNoSettings || isDocument(route)));
const isDocument = (route: string) => route.startsWith(".well-known/");
const nameOf = ({ name }: CatalogueEntry) => name;

describe("18.1 the endpoints' rate limits", () => {
  test("hold for all that a stranger can do, but for named exceptions", () => {
    const strangers = catalogue().filter(isStrangers);
    expect(strangers.length).toBeGreaterThan(14);
    const without = strangers.filter(({ limits }) => limits.length === 0).map(nameOf);
    expect(without.toSorted()).toEqual([...unlimited.keys()].toSorted());
  });

  test("hold for every password that is taken", () => {
    const takes = catalogue().filter(
      ({ body }) => body && JSON.stringify(toSchema(body, "input")).includes('password"'),
    );
    expect(takes.length).toBeGreaterThan(5);
    const limiting = ["credentials", "registration", "one_time_tokens", "password_check"] as const;
    expect(takes.filter(({ limits }) => !limiting.some((policy) => limits.includes(policy))).map(nameOf)).toEqual([]);
  });

  test("name each policy somewhere, and those of mails together", () => {
    const used = new Set(catalogue().flatMap(({ limits }) => limits));
    expect(policyNames.filter((policy) => !used.has(policy))).toEqual([]);
    for (const { limits, name } of catalogue())
      expect(limits.includes("mail") || limits.includes("reset_mail"), name).toBe(limits.includes("mail_network"));
  });

  test("stand in docs/limits.md as they are", () => {
    const rows = policyNames.map((policy) => {
      const { by, default: limit, uncounted } = policies[policy];
      return `| \`${policy}\` | \`${settingOf(policy)}\` | ${limit} | ${by} | ${uncounted} |`;
    });
    const told = readFileSync("docs/limits.md", "utf8").split("\n");
    expect(told.filter((line) => line.includes("| `RATE_LIMIT_"))).toEqual(rows);
  });
});
