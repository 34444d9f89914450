import { section, type Family } from "../../shared/platform/settings/section.ts";
import { days, flag, oneOf, whole, word } from "../../shared/platform/settings/types.ts";

/** Limits of any name: `LIMIT_LOGIN=5`. */
const limits: Family<{ readonly limits: ReadonlyMap<string, number> }> = {
  settings: [{ name: "LIMIT_LOGIN", type: whole(1, 9), about: "A limit.", isExample: true }],
  read: (environment) => ({
    values: {
      limits: new Map(
        Object.entries(environment).flatMap(([name, text]) =>
          name.startsWith("LIMIT_") ? [[name.slice(6).toLowerCase(), Number(text)] as const] : [],
        ),
      ),
    },
    faults: environment["LIMIT_NONE"] === undefined ? [] : [["LIMIT_NONE", "limits nothing"]],
    idle: [],
  }),
};

/** A section with everything that one may have. */
export const mail = section({
  title: "Mail",
  about: "How mail is sent.",
  settings: {
    sender: { name: "MAIL_SENDER", type: word, required: { when: "always", hint: "an address" }, about: "The sender." },
    server: { name: "MAIL_SERVER", type: word, required: { when: "in production" }, about: "The server." },
    password: { name: "MAIL_PASSWORD", type: word, isSecret: true, about: "The password." },
    retrySeconds: { name: "MAIL_RETRY_DAYS", type: days(1, 30), default: "2", unit: "days", about: "How long." },
    mode: { name: "MAIL_MODE", type: oneOf("send", "hold"), default: "send", about: "What to do | with it." },
    isQuiet: { name: "MAIL_QUIET", type: flag, default: "false", about: "Whether." },
  },
  family: limits,
  rules: ({ mode, server }) => [[mode === "hold" && server === undefined, "MAIL_MODE", "holds mail for a server"]],
  productionRules: ({ isQuiet }) => [[isQuiet, "MAIL_QUIET", "must be false in production"]],
  idleRules: ({ mode }, isChosen) => [[mode === "hold" && isChosen("retrySeconds"), "MAIL_RETRY_DAYS", "does nothing"]],
});

/** A section that looks at the one before it. */
export const news = section({
  title: "News",
  settings: { sender: { name: "NEWS_SENDER", type: word, about: "Another sender." } },
  complete: ({ sender }, { mail: parts }: { readonly mail: { readonly sender: string } }) => ({
    sender: sender ?? parts.sender,
  }),
});
