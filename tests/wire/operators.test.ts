// What operators change and its event are one transaction, whatever becomes of the answer to its commit.
import { beforeEach, describe, expect, test } from "vitest";
import { createAddressAdministration } from "../../shared/addresses/administration.ts";
import { addresses } from "../../tools/addresses.ts";
import { clients } from "../../tools/clients.ts";
import { mail } from "../../tools/mail.ts";
import { useCommandSettings } from "../support/command-settings.ts";
import { postMail, rowOf } from "../support/mail-service.ts";
import { eventsOf, withServices } from "../support/operators.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { lostAnswers, once, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
useCommandSettings({ ...settingsFor(server.port), EMBEDDED_DB_FILE: "" });

const isCommit = ({ kind }: TdsRequest) => kind === "commit";
const now = new Date("2026-01-15T12:00:00.000Z");

const rules = () => withServices(({ database }) => createAddressAdministration(database.queries).list(now));

beforeEach(() => {
  server.script = {};
});

describe.each(lostAnswers)("19.7 the answer to an operator's commit, lost %s,", (_when, reply) => {
  test("leaves one client, and one event of it", async () => {
    const make = async () => {
      once(server, isCommit, reply);
      const { client_id: id } = JSON.parse((await clients(["create", "--name", "Orders"], now))[0] ?? "");
      expect(await withServices(async ({ clients: store }) => store.find(id))).toBeDefined();
    };
    expect(await eventsOf(make)).toEqual(["client.created"]);
  });

  test("leaves one rule, then none, and an event of each", async () => {
    const make = async () => {
      once(server, isCommit, reply);
      await addresses(["deny", "203.0.113.7", "--for", "1h"], now);
    };
    const remove = async () => {
      once(server, isCommit, reply);
      await addresses(["remove", "203.0.113.7"], now);
    };
    expect(await eventsOf(make)).toEqual(["address_rule.made"]);
    expect(await rules()).toHaveLength(1);
    expect(await eventsOf(remove)).toEqual(["address_rule.removed"]);
    expect(await rules()).toEqual([]);
  });

  test("leaves a mail that is sent again, and one event of it", async () => {
    const id = await withServices(async (services) => {
      const posted = await postMail(services);
      const claim = { id: posted, claimId: posted };
      await services.outbox.claim(claim, services.clock.now(), services.clock.now());
      await services.outbox.end(claim, { status: "dead", failure: "The server said 550." });
      return posted;
    });
    const resend = async () => {
      once(server, isCommit, reply);
      await mail(["resend", id]);
    };
    expect(await eventsOf(resend)).toEqual(["mail.put_back"]);
    expect(await withServices((services) => rowOf(services, id))).toMatchObject({ status: "waiting" });
  });
});

test("19.7 what cannot be recorded is not changed", async () => {
  once(server, starts('insert into "audit_events"'), () => ({ error: { number: 229, message: "permission denied" } }));
  expect(await eventsOf(() => addresses(["deny", "198.51.100.7", "--for", "1h"], now).catch(() => undefined))).toEqual(
    [],
  );
  expect(await rules()).toEqual([]);
});
