import type { Element } from "./policy.ts";

/** What of an element is not as the reference has it. */
export function faultsOf({ name, attributes, children }: Element): string[] {
  const known = reference[name];
  if (!known) return [`<${name}> is not known`];
  const wrong = Object.keys(attributes).filter((attribute) => !known.attributes.includes(attribute));
  const order = known.elements === "any" ? [] : children.map((child) => known.elements.indexOf(child.name));
  const isOrdered = order.every((place, index) => place >= 0 && place >= (order[index - 1] ?? 0));
  return [...wrong.map((attribute) => `<${name} ${attribute}>`), ...(isOrdered ? [] : [`the order within <${name}>`])];
}

/** Microsoft's reference of each policy: its attributes, and its elements in the order that it demands. */
const reference: Record<string, { attributes: string[]; elements: string[] | "any" }> = {
  fragment: { attributes: [], elements: "any" },
  "validate-jwt": {
    attributes: (
      "id header-name query-parameter-name token-value failed-validation-httpcode failed-validation-error-message " +
      "require-expiration-time require-scheme require-signed-tokens clock-skew output-token-variable-name"
    ).split(" "),
    elements: ["openid-config", "issuer-signing-keys", "decryption-keys", "audiences", "issuers", "required-claims"],
  },
  "openid-config": { attributes: ["url"], elements: [] },
  audiences: { attributes: [], elements: ["audience"] },
  audience: { attributes: [], elements: [] },
  issuers: { attributes: [], elements: ["issuer"] },
  issuer: { attributes: [], elements: [] },
  "rate-limit-by-key": {
    attributes: ["id", "calls", "renewal-period", "counter-key", "increment-condition", "retry-after-variable-name"],
    elements: [],
  },
  "set-variable": { attributes: ["name", "value"], elements: [] },
  choose: { attributes: [], elements: ["when", "otherwise"] },
  when: { attributes: ["condition"], elements: "any" },
  otherwise: { attributes: [], elements: "any" },
  "cache-lookup-value": { attributes: ["key", "default-value", "variable-name", "caching-type"], elements: [] },
  "cache-store-value": { attributes: ["key", "value", "duration", "caching-type"], elements: [] },
  "send-request": {
    attributes: ["mode", "response-variable-name", "timeout", "ignore-error"],
    elements: ["set-url", "set-method", "set-header", "set-body", "authentication-certificate", "proxy"],
  },
  "set-url": { attributes: [], elements: [] },
  "set-method": { attributes: [], elements: [] },
  "return-response": { attributes: ["response-variable-name"], elements: ["set-status", "set-header", "set-body"] },
  "set-status": { attributes: ["code", "reason"], elements: [] },
  "set-header": { attributes: ["name", "exists-action"], elements: ["value"] },
  value: { attributes: [], elements: [] },
  "set-body": { attributes: ["template"], elements: [] },
};
