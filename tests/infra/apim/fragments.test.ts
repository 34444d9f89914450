import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { descendants, expressionsOf, fragmentsFolder, readPolicy, type Element } from "../../support/apim/policy.ts";
import { faultsOf } from "../../support/apim/reference.ts";

const files = globSync(`${fragmentsFolder}/*.xml`).map((file) => path.basename(file));
const fragments = files.filter((file) => file.startsWith("latchkey-"));
const textOf = (file: string) => readFileSync(`${fragmentsFolder}/${file}`, "utf8");
const parts = (file: string) => descendants(readPolicy(file));

/** Of the types that Microsoft's page "API Management policy expressions" lists, those that we use. */
const listedTypes = new Set("JObject JProperty JToken Convert DateTimeOffset Encoding IResponse Jwt".split(" "));
const keywords = new Set(["string", "long", "int", "byte", "char", "bool", "new", "return", "while", "if", "context"]);

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

/** The names of types in an expression: what begins in upper case and is no member, and what stands after `new` or in a cast. */
function typesOf(expression: string): string[] {
  const code = expression.replaceAll(/@?"(?:\\.|[^"\\])*"/g, '""');
  return [...code.matchAll(/(?<![\w.])([A-Z]\w*(?:\.[A-Z]\w*)*)/g)].map(([, name = ""]) => name.split(".")[0] ?? "");
}
