import { describe, expect, test } from "vitest";
import { compareSites } from "../../../tools/doctor/site.ts";

const compare = (app: string, api: string) => compareSites(new URL(app), new URL(api));

describe("two addresses of one site", () => {
  test.each([
    ["one domain", "https://app.example.com", "https://api.example.com"],
    ["a domain and a name below it", "https://example.com", "https://a.b.api.example.com"],
    ["other ports", "https://app.example.com:3000", "https://api.example.com:8443"],
    ["a suffix of two labels", "https://app.example.co.uk", "https://auth.example.co.uk"],
    ["one name of a private suffix", "https://shop.azurewebsites.net", "https://shop.azurewebsites.net:8443"],
    ["a name in another script", "https://app.例え.jp", "https://api.xn--r8jz45g.jp"],
    ["localhost", "http://localhost:3000", "http://localhost:7071"],
    ["one IP address", "http://127.0.0.1:3000", "http://127.0.0.1:7071"],
    ["one IPv6 address", "http://[::1]:3000", "http://[::1]"],
    ["a top level of no list", "https://app.corp-example", "https://app.corp-example:1"],
    ["upper case", "https://APP.Example.com", "https://api.example.COM"],
  ])("%s", (_what, app, api) => {
    expect(compare(app, api)).toMatchObject({ verdict: "same-site" });
    expect(compare(app, api).change).toBeUndefined();
  });
});

describe("two addresses of two sites", () => {
  test.each([
    ["two domains", "https://example.com", "https://example.org", /no registrable domain in common/],
    ["two names below a country's suffix", "https://app.co.uk", "https://api.co.uk", /no registrable domain/],
    [
      "Azure's names",
      "https://a.azurewebsites.net",
      "https://b.azurewebsites.net",
      /azurewebsites\.net is a public suffix/,
    ],
    [
      "a static web app",
      "https://a.azurestaticapps.net",
      "https://b.azure-api.net",
      /azure-api\.net is a public suffix/,
    ],
    [
      "a region's suffix",
      "https://a.westeurope-01.azurewebsites.net",
      "https://c.westeurope-01.azurewebsites.net",
      /westeurope-01\.azurewebsites\.net is/,
    ],
    ["http and https", "http://app.example.com", "https://api.example.com", /http and https are two sites/],
    ["http and https on localhost", "http://localhost:3000", "https://localhost:7071", /http and https are two sites/],
    ["localhost and 127.0.0.1", "http://localhost:3000", "http://127.0.0.1:7071", /no registrable domain/],
    ["two IP addresses", "http://192.0.2.1", "http://192.0.2.2", /no registrable domain/],
    ["a final dot", "https://app.example.com.", "https://api.example.com", /no registrable domain/],
    ["a domain that only ends alike", "https://example.com", "https://notexample.com", /no registrable domain/],
    ["a suffix and a name below it", "https://azurewebsites.net", "https://a.azurewebsites.net", /is a public suffix/],
  ])("%s", (_what, app, api, reason) => {
    const report = compare(app, api);
    expect(report).toMatchObject({ verdict: "cross-site", reason: expect.stringMatching(reason) });
    expect(report.change).toContain('"transport": "body"');
  });
});

test.each([
  [
    "https://app.example.com",
    "https://a.azurewebsites.net",
    /^give the API a custom domain, such as api\.example\.com,/,
  ],
  [
    "https://a.azurestaticapps.net",
    "https://b.azurewebsites.net",
    /^give both custom domains under a domain that you own,/,
  ],
  ["http://127.0.0.1", "https://b.azurewebsites.net", /^give both custom domains/],
])("for %s and %s, the doctor names a change that can be made", (app, api, change) => {
  expect(compare(app, api).change).toMatch(change);
});
