import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../shared/platform/settings/config-error.ts";
import { readSections, settingsOf } from "../../../shared/platform/settings/read.ts";
import { settingsPage } from "../../../tools/docs/settings-page.ts";
import { mail, news } from "../../support/sections.ts";

const given = { MAIL_SENDER: "a@b.example" };
const load = (settings: Record<string, string>) => readSections({ mail, news }, { ...given, ...settings });

describe("a section of settings", () => {
  test("becomes a frozen part of the configuration, with defaults, in the units of its names", () => {
    const config = load({ LIMIT_LOGIN: "5", MAIL_QUIET: "" });
    expect(config.mail).toEqual({
      sender: "a@b.example",
      retrySeconds: 172_800,
      mode: "send",
      isQuiet: false,
      limits: new Map([["login", 5]]),
    });
    expect([config, config.mail, config.news].every((part) => Object.isFrozen(part))).toBe(true);
    // What is not given and has no default may be undefined, to the compiler too.
    const server: string | undefined = config.mail.server;
    const seconds: number = config.mail.retrySeconds;
    expect([server, seconds]).toEqual([undefined, 172_800]);
  });

  test("may look at the parts before it", () => {
    expect(load({}).news).toEqual({ sender: "a@b.example" });
    expect(load({ NEWS_SENDER: "c" }).news).toEqual({ sender: "c" });
  });

  test("names the faults of all sections at once, of rules and families too, and no value", () => {
    const wrong = { MAIL_MODE: "hold", NEWS_SENDER: "canary canary", LIMIT_NONE: "canary" };
    const told = /^Wrong settings: NEWS_SENDER must .*; MAIL_MODE holds mail for a server; LIMIT_NONE limits nothing$/;
    expect(() => load(wrong)).toThrow(told);
    expect(() => load(wrong)).toThrow(ConfigError);
    expect(() => load({ ...wrong, MAIL_PASSWORD: "canary canary" })).not.toThrow("canary");
  });

  test.each([
    [{ MAIL_SENDER: "" }, "MAIL_SENDER is required: an address"],
    [{ ENVIRONMENT: "production" }, "MAIL_SERVER is required in production"],
    [{ ENVIRONMENT: "staging", MAIL_SERVER: "s", MAIL_QUIET: "true" }, "MAIL_QUIET must be false in production"],
    [{ MAIL_RETRY_DAYS: "31" }, "MAIL_RETRY_DAYS must be a whole number from 1 to 30"],
    [{ MAIL_MODE: "drop" }, "MAIL_MODE must be send or hold"],
    [{ MAIL_SENDER: "", MAILSENDER: "canary" }, "MAILSENDER is not a setting, but MAIL_SENDER is"],
  ])("%o is refused: %s", (settings, message) => {
    expect(() => load(settings as Record<string, string>)).toThrow(message);
    expect(() => load(settings as Record<string, string>)).not.toThrow("canary");
  });

  test("warns of what does nothing, and of what is almost a setting's name, but not of a family's example", () => {
    const settings = {
      MAIL_MODE: "hold",
      MAIL_SERVER: "s",
      MAIL_RETRY_DAYS: "3",
      MAIL_PASSWROD: "x",
      LIMIT_LOGINS: "1",
    };
    expect(load(settings).warnings).toEqual([
      "MAIL_PASSWROD is not a setting, but MAIL_PASSWORD is",
      "MAIL_RETRY_DAYS does nothing",
    ]);
    expect(load({ ...settings, MAIL_RETRY_DAYS: "2", MAIL_PASSWROD: "" }).warnings).toEqual([]);
  });

  test("is documented as it is declared, without a word about it elsewhere", () => {
    const page = settingsPage({ mail, news });
    expect(page).toContain("## Mail\n\nHow mail is sent.\n\n| Setting |");
    for (const row of [
      "| `MAIL_SENDER` | The sender. | | | always | |",
      "| `MAIL_SERVER` | The server. | | | in production | |",
      "| `MAIL_PASSWORD` | The password. | | | | yes |",
      "| `MAIL_RETRY_DAYS` | How long. | 2 | 1 to 30 days | | |",
      "| `MAIL_MODE` | What to do \\| with it. | `send` | `send`, `hold` | | |",
      "| `LIMIT_LOGIN` | A limit. | | 1 to 9 | | |",
    ])
      expect(page).toContain(`${row}\n`);
    expect(settingsOf({ mail, news }).map(({ name }) => name)).toHaveLength(8);
  });
});
