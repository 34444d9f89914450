import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { descendants, expressionsOf, fragmentsFolder, readPolicy, type Element } from "../../support/apim/policy.ts";

const files = globSync(`${fragmentsFolder}/*.xml`).map((file) => path.basename(file));
const fragments = files.filter((file) => file.startsWith("latchkey-"));
const textOf = (file: string) => readFileSync(`${fragmentsFolder}/${file}`, "utf8");
const parts = (file: string) => descendants(readPolicy(file));

/** Of the types that Microsoft's page "API Management policy expressions" lists, those that we use. */
const listedTypes = new Set("JObject JProperty JToken Convert DateTimeOffset Encoding IResponse Jwt".split(" "));
const keywords = new Set(["string", "long", "int", "byte", "char", "bool", "new", "return", "while", "if", "context"]);

/** The names of types in an expression: what begins in upper case and is no member, and what stands after `new` or in a cast. */
function typesOf(expression: string): string[] {
  const code = expression.replaceAll(/@?"(?:\\.|[^"\\])*"/g, '""');
  return [...code.matchAll(/(?<![\w.])([A-Z]\w*(?:\.[A-Z]\w*)*)/g)].map(([, name = ""]) => name.split(".")[0] ?? "");
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

/** What of an element is not as the reference has it. */
function faultsOf({ name, attributes, children }: Element): string[] {
  const known = reference[name];
  if (!known) return [`<${name}> is not known`];
  const wrong = Object.keys(attributes).filter((attribute) => !known.attributes.includes(attribute));
  const order = known.elements === "any" ? [] : children.map((child) => known.elements.indexOf(child.name));
  const isOrdered = order.every((place, index) => place >= 0 && place >= (order[index - 1] ?? 0));
  return [...wrong.map((attribute) => `<${name} ${attribute}>`), ...(isOrdered ? [] : [`the order within <${name}>`])];
}

describe.each(fragments)("%s", (file) => {
  test("is a well-formed fragment of at most 32 KB, without sections or fragments within it", () => {
    expect(readPolicy(file).name).toBe("fragment");
    expect(Buffer.byteLength(textOf(file))).toBeLessThan(32 * 1024);
    expect(
      parts(file).filter(({ name }) => /^(?:base|inbound|backend|outbound|on-error|include-fragment)$/.test(name)),
    ).toEqual([]);
  });

  test("has the elements and attributes of Microsoft's reference, in its order", () => {
    expect(parts(file).flatMap(faultsOf)).toEqual([]);
  });

  test("uses in its expressions no type but those of Microsoft's list", () => {
    const types = parts(file).flatMap(expressionsOf).flatMap(typesOf);
    expect(types.filter((name) => !listedTypes.has(name) && !keywords.has(name))).toEqual([]);
  });

  test("its expressions stand alone, survive XML's line breaks, and hold no apostrophe within an attribute", () => {
    for (const part of parts(file)) {
      for (const value of [...Object.values(part.attributes), part.text])
        if (/@[({]/.test(value) && !value.includes('@"'))
          expect(value, "an expression is the whole value").toMatch(/^@[({][\s\S]*[)}]$/);
      for (const expression of expressionsOf(part)) expect(expression).not.toContain("//");
      for (const value of Object.values(part.attributes)) expect(value).not.toContain("'");
    }
  });

  test("names only values that the README explains", () => {
    const readme = textOf("README.md");
    for (const [, name = ""] of textOf(file).matchAll(/\{\{([\w-]+)\}\}/g)) expect(readme).toContain(`\`${name}\``);
  });
});

test("the example policy includes each fragment", () => {
  const included = parts("example-policy.xml").flatMap(({ name, attributes }) =>
    name === "include-fragment" ? [`${attributes["fragment-id"]}.xml`] : [],
  );
  expect(included.toSorted()).toEqual(fragments.toSorted());
});

test("access tokens are verified by the OpenID configuration, with 60 seconds of skew, for one issuer and audience", () => {
  const validate = parts("latchkey-access-token.xml").find(({ name }) => name === "validate-jwt");
  expect(validate?.attributes).toMatchObject({
    "clock-skew": "60",
    "require-expiration-time": "true",
    "require-signed-tokens": "true",
  });
  const texts = descendants(validate as Element).map(({ text, attributes }) => attributes["url"] ?? text);
  expect(texts).toEqual(
    expect.arrayContaining([
      "{{latchkey-issuer}}/.well-known/openid-configuration",
      "{{latchkey-audience}}",
      "{{latchkey-issuer}}",
    ]),
  );
});

describe("what is looked for can be found", () => {
  test("a type that is not listed", () => {
    const expression =
      '@{ var stream = new System.IO.MemoryStream(); return File.ReadAllText("JObject") + context.Request.IpAddress; }';
    expect(typesOf(expression)).toEqual(["System", "File"]);
  });

  test("an element, an attribute and an order that are wrong", () => {
    const element = (name: string, attributes = {}, children: Element[] = []): Element => ({
      name,
      attributes,
      children,
      text: "",
    });
    expect(faultsOf(element("sleep"))).toEqual(["<sleep> is not known"]);
    expect(faultsOf(element("set-variable", { nam: "x" }))).toEqual(["<set-variable nam>"]);
    expect(faultsOf(element("validate-jwt", {}, [element("issuers"), element("audiences")]))).toEqual([
      "the order within <validate-jwt>",
    ]);
  });
});
