// Checks whether a firewall in front mistakes for an attack what people and providers send.
import { ask, type Answer, type Patient } from "./ask.ts";
import { fault, ok, type Finding } from "./finding.ts";
import { intermediaryOf, isEnvelope } from "./intermediary.ts";

/**
 * Passphrases that are legal here but look like attacks to rule sets: on databases, files, shells, browsers, logs.
 * OWASP's Core Rule Set refuses some of them even at its mildest level, and so do rule sets derived from it.
 */
export const provocativePassphrases: readonly string[] = [
  "union of select people from tables",
  "select every star from the sky where 1=1",
  "cat /etc/passwd and then the dog",
  "<script>love letters</script>",
  "drop table manners; -- at dinner",
  "sleep(8) hours a night, please",
  "or 1=1 is a tautology, they say",
];

/**
 * A member that no body has, so that the service refuses the request before it looks anything up, counts it or logs a
 * sign-in.
 */
const refused = { canary: true };

/** What to send, in the fields that people and providers use; a rule set checks a query on any path. */
const canaries: readonly (readonly [what: string, send: (patient: Patient) => Promise<Answer>])[] = [
  [
    "a passphrase",
    (patient) => {
      const password = provocativePassphrases.join(" ");
      return post(patient, "/auth/login", { email: "nobody@doctor.invalid", password, ...refused });
    },
  ],
  ["a refresh token", (patient) => post(patient, "/auth/refresh", { refresh_token: "canary--or 1=1", ...refused })],
  ["a query of OAuth", (patient) => ask(patient, `/health/live?${oauthQuery(patient)}`)],
];

/** Sends requests that must pass and leave no trace, and names whatever answers instead of the service. */
export async function checkFirewall(patient: Patient): Promise<Finding[]> {
  const answers = await Promise.all(canaries.map(async ([what, send]) => [what, await send(patient)] as const));
  const blocked = answers.filter(([, answer]) => !isEnvelope(answer));
  if (blocked.length === 0) return [ok("passphrases, tokens and OAuth queries pass")];
  return blocked.map(([what, answer]) =>
    fault(
      `${intermediaryOf(answer)} answers ${answer.status} to ${what}`,
      "exclude the fields in infra/firewall-fields.json from the firewall's rules: docs/deployment.md, A firewall in front",
    ),
  );
}

function post(patient: Patient, path: string, body: object): Promise<Answer> {
  const headers = { "Content-Type": "application/json" };
  return ask(patient, path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** A query as applications send it to come back, and as providers answer. */
function oauthQuery({ app }: Patient): string {
  const query = new URLSearchParams({
    redirect_to: `${app.origin}/signed-in?from=/etc/passwd`,
    state: "canary--1",
    code: "4/0AX4XfWh-canary",
    iss: "https://accounts.google.com",
    scope: "email profile https://www.googleapis.com/auth/userinfo.email openid",
  });
  return query.toString();
}
