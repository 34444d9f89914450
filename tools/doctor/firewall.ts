// Whether a firewall in front takes what people and providers send for an attack.
import { ask, type Answer, type Patient } from "./ask.ts";
import { fault, ok, type Finding } from "./finding.ts";
import { intermediaryOf, isEnvelope } from "./intermediary.ts";

/**
 * Passphrases that are legal here, and that rule sets take for attacks: on databases, files, shells, browsers, logs. OWASP's
 * core rule set refuses some of them in its mildest setting, and so do those that descend from it.
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

/** With a member that no body has, the service refuses it before it looks anything up, counts it or logs a sign-in. */
const refused = { canary: true };

/** What is sent, each in the fields that people and providers use; a rule set judges a query whatever the path. */
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

/** Sends what must pass, leaves nothing behind, and names what answers instead of the service. */
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

/** As applications ask to come back, and as a provider answers. */
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
