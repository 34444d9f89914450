import { describe, expect, test } from "vitest";
import { parseTemplate } from "../../tools/local-host/routes.ts";

const match = (template: string, path: string) => {
  const values = parseTemplate(template)(path);
  return values && { ...values };
};

describe("a route template", () => {
  test.each([
    ["", "", {}],
    ["users", "users", {}],
    ["users", "USERS", {}],
    ["Users", "users/", {}],
    ["a.b", "a.b", {}],
    ["users/{id}", "users/42", { id: "42" }],
    ["users/{id}", "users/42/", { id: "42" }],
    ["users/{Id}", "users/a%2Fb", { Id: "a%2Fb" }],
    ["users/{id}", "users/line\nbreak", { id: "line\nbreak" }],
    ["a/{x}/b/{y}", "a/1/b/2", { x: "1", y: "2" }],
    ["parts/{first}/{second?}", "parts/1", { first: "1" }],
    ["parts/{first}/{second?}", "parts/1/2", { first: "1", second: "2" }],
    ["{lang=en}", "", { lang: "en" }],
    ["page/{n=1}", "page", { n: "1" }],
    ["page/{n=1}", "page/7", { n: "7" }],
    ["{*path}", "", {}],
    ["{*path}", "a//b/", { path: "a//b/" }],
    ["{**path}", "a/b", { path: "a/b" }],
    ["files/{*path}", "files", {}],
    ["files/{*path}", "files/a/b", { path: "a/b" }],
    ["{name}.{extension}", "a.b.c", { name: "a.b", extension: "c" }],
    ["v{version}", "v2", { version: "2" }],
    ["V{version}-x", "v2-X", { version: "2" }],
    ["{a}-{b}-{c}", "1-2-3-4", { a: "1-2", b: "3", c: "4" }],
    ["{a}--{b}", "1---2", { a: "1-", b: "2" }],
  ])("%j, asked for %j, gives %j", (template, path, values) => {
    expect(match(template, path)).toEqual(values);
  });

  test.each([
    ["users", "user"],
    ["users", "users/1"],
    ["users", "users//"],
    ["a.b", "axb"],
    ["users/{id}", "users"],
    ["users/{id}", "users/"],
    ["users/{id}", "users//"],
    ["users/{id}", "users/1/2"],
    ["parts/{first}/{second?}", "parts//x"],
    ["files/{*path}", "filesystem"],
    ["{name}.{extension}", "a."],
    ["{name}.{extension}", ".a"],
    ["{a}-{b}-{c}", "1--2"],
    ["v{version}-x", "v-x"],
  ])("%j does not match %j", (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });

  test.each([
    ["int", ["0", "-7", "+7", "2147483647"], ["x", "1.5", "2147483648", "", "9".repeat(40)]],
    ["long", ["2147483648", "-9223372036854775808"], ["9223372036854775808", "1e3"]],
    ["decimal", ["1", "-1.5", ".5"], ["1e3", "."]],
    ["double", ["1.5e3", "-2"], ["NaN1"]],
    ["bool", ["true", "FALSE"], ["yes", "truer"]],
    ["guid", ["0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5bd9cb469fa16570867728950e"], ["0f8fad5b"]],
    ["alpha", ["abC"], ["ab1"]],
    ["min(2)", ["2", "30"], ["1", "x"]],
    ["max(2)", ["2", "-5"], ["3", "x"]],
    ["range(2,4)", ["2", "4"], ["1", "5"]],
    ["minlength(2)", ["ab"], ["a"]],
    ["maxlength(2)", ["ab"], ["abc"]],
    ["length(2)", ["ab"], ["a", "abc"]],
    ["length(2,3)", ["ab", "abc"], ["a", "abcd"]],
    ["int:min(3)", ["3"], ["2", "x"]],
  ])("with the constraint %s takes %j and not %j", (constraint, taken, refused) => {
    for (const value of taken) expect(match(`{n:${constraint}}`, value)).toEqual({ n: value });
    for (const value of refused) expect(match(`x/{n:${constraint}}`, `x/${value}`)).toBeUndefined();
  });

  test("with a constraint on an absent parameter matches", () => {
    expect(match("a/{n:int?}", "a")).toEqual({});
    expect(match("a/{n:int?}", "a/x")).toBeUndefined();
  });

  test.each([
    "a//b",
    "/a",
    "a/",
    "{",
    "a}",
    "{}",
    "{a",
    "{a}{",
    "a?",
    "{*rest}/a",
    "{a}/{A}",
    "{a:unknown}",
    "{a:min}",
    "{a:min(x)}",
    "x{a?}",
    "{a:toString}",
  ])("%j is refused", (template) => {
    expect(() => parseTemplate(template)).toThrow();
  });
});
