import { member, shown, type Answer } from "./ask.ts";

/** What the answers of intermediaries look like: the first match names one. */
const telltales: readonly (readonly [name: string, isTold: (answer: Answer) => boolean])[] = [
  ["Azure Front Door", ({ headers }) => headers.has("x-azure-ref")],
  ["Azure Application Gateway", says(/Microsoft-Azure-Application-Gateway/i)],
  ["Azure API Management", ({ headers, json }) => headers.has("ocp-apim-trace-location") || isApiManagement(json)],
  ["Cloudflare", ({ headers }) => headers.has("cf-ray") || serverOf(headers).startsWith("cloudflare")],
  [
    "Amazon CloudFront or AWS WAF",
    ({ headers }) => headers.has("x-amz-cf-id") || serverOf(headers).startsWith("awselb"),
  ],
  ["Akamai", ({ headers }) => serverOf(headers).startsWith("akamai")],
  ["Imperva", ({ headers }) => headers.has("x-iinfo") || headers.has("incap_ses")],
  ["Sucuri", ({ headers }) => headers.has("x-sucuri-id")],
  ["F5 BIG-IP", says(/The requested URL was rejected\. Please consult with your administrator/)],
  ["ModSecurity", says(/mod_?security/i)],
  ["Apache, perhaps with ModSecurity", ({ headers }) => serverOf(headers).startsWith("apache")],
  ["nginx, perhaps with ModSecurity", ({ headers }) => serverOf(headers).startsWith("nginx")],
];

/** Whether an answer is in the service's own envelope. */
export function isEnvelope({ status, json }: Answer): boolean {
  return typeof member(json, "success") === "boolean" && member(json, "status_code") === status;
}

/** Who answered in place of the API, as far as the answer tells. */
export function intermediaryOf(answer: Answer): string {
  const [name] = telltales.find(([, isTold]) => isTold(answer)) ?? [];
  if (name !== undefined) return name;
  const server = answer.headers.get("server");
  return server === null ? "something that does not identify itself" : shown(server);
}

function says(words: RegExp): (answer: Answer) => boolean {
  return ({ headers, text }) => words.test(headers.get("server") ?? "") || words.test(text);
}

const serverOf = (headers: Headers) => (headers.get("server") ?? "").toLowerCase();

/** API Management's own errors are `{statusCode, message}`. */
const isApiManagement = (json: unknown) =>
  typeof member(json, "statusCode") === "number" && typeof member(json, "message") === "string";
