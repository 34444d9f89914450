import { describe, expect, test } from "vitest";
import { de } from "../../../shared/mail/templates/de.ts";
import { en } from "../../../shared/mail/templates/en.ts";
import { es } from "../../../shared/mail/templates/es.ts";
import { fr } from "../../../shared/mail/templates/fr.ts";
import { zhHant } from "../../../shared/mail/templates/zh-hant.ts";
import { locales } from "../../../shared/platform/locale.ts";
import { render } from "../../support/rendered-mails.ts";
import { mailTemplates } from "../../support/sample-mails.ts";

const catalogues = { en, de, fr, es, "zh-Hant": zhHant };

describe.each(mailTemplates)("the mail %s", (template) => {
  test.each(locales)("in %s", async (locale) => {
    const { subject, text, html } = render(template, { locale });
    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(`mails/${template}.${locale}.txt`);
    expect(html).toContain(`<html lang="${locale}">`);
    const { colon } = catalogues[locale];
    // What the one says, the other says too.
    const said = html
      .slice(html.indexOf("<body"))
      .replaceAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)<\/a>/g, `$2${colon.trimEnd()} $1`)
      .replaceAll(/<\/td><td[^>]*>/g, colon)
      .replaceAll(/<[^>]*>/g, " ")
      .replaceAll("&amp;", "&");
    const words = (part: string) => part.replace("-- \n", "").split(/\s+/).filter(Boolean).join(" ");
    expect(words(said)).toBe(`Latchkey ${words(text)}`);
    for (const part of [subject, text, html]) expect(part).not.toMatch(/\{\w+\}|undefined|\[object/);
    expect(subject).not.toMatch(/TOKEN|CODE|Ada|@/);
    expect(subject.length).toBeLessThan(70);
  });

  test("fetches nothing, runs nothing, and leads nowhere but to the service", () => {
    const { html } = render(template);
    expect(html).not.toMatch(/<(?:script|img|link|iframe|form|object)|url\(|@import|\son\w+=|src=/i);
    const targets = [...html.matchAll(/href="([^"]*)"/g)].map(([, target]) => target ?? "");
    for (const target of targets) expect(target).toMatch(/^https:\/\/auth\.example\.com\/auth\/[\w/]+\?token=TOKEN$/);
  });
});

test("the HTML of a mail", async () => {
  await expect(render("verify_email").html).toMatchFileSnapshot("mails/verify_email.en.html.txt");
  await expect(render("new_device", { locale: "zh-Hant" }).html).toMatchFileSnapshot(
    "mails/new_device.zh-Hant.html.txt",
  );
});

test("every language fills in what English fills in", () => {
  const placeholders = (part: unknown): unknown =>
    typeof part === "string"
      ? [...part.matchAll(/\{\w+\}/g)].map(([found]) => found).toSorted()
      : Object.fromEntries(Object.entries(part as object).map(([key, inner]) => [key, placeholders(inner)]));
  for (const words of [de, fr, es, zhHant]) expect(placeholders(words)).toEqual(placeholders(en));
});

describe("what someone else has chosen", () => {
  const mail = (username: string, data: object = {}) => render("new_device", { data: { username, ...data } });
  const greeting = (username: string) => mail(username).text.split("\n")[0];

  test.each([
    ["Ada", "Hello Ada,"],
    ["O’Neill & Sons", "Hello O’Neill & Sons,"],
    ["J. R. Smith", "Hello J. R. Smith,"],
    ["愛達", "Hello 愛達,"],
    ["👩‍👩‍👧 Ada", "Hello 👩‍👩‍👧 Ada,"],
    ["<b>Ada</b>", "Hello <b>Ada</b>,"],
    ["{product} {name}", "Hello {product} {name},"],
    ["Ada ".repeat(30), `Hello ${"Ada ".repeat(15)}Ada…,`],
    ["Ada\r\nBcc: eve", "Hello Ada  Bcc: eve,"],
    ["Ada\u2028Eve", "Hello Ada Eve,"],
    ["\u202Eada\u2066\u200F", "Hello ada,"],
    ["\uD800Ada", "Hello \uFFFDAda,"],
  ])("a name: %j is greeted: %j", (username, expected) => {
    expect(greeting(username)).toBe(expected);
  });

  test.each([
    "https://evil.example",
    "You won! evil.example/now",
    "evil.com",
    "//evil",
    "www.evil",
    "mail eve@evil",
    "evil。example",
    " \u200F ",
  ])("a name that a mail program might make a link of is not repeated: %j", (username) => {
    expect(greeting(username)).toBe("Hello,");
    expect(mail(username).html).not.toContain("evil");
  });

  test.each(["call +1 800 555 0100", "Bank, 0800-12-3", "☎ ٠٨٠٠١٢", "８００ ５５５", "1a2b3c4d5e6"])(
    "a name with a number to call is not repeated: %j",
    (username) => {
      expect(greeting(username)).toBe("Hello,");
    },
  );

  test("a name with fewer digits is greeted", () => {
    expect(greeting("Ada 1815/2")).toBe("Hello Ada 1815/2,");
  });

  test("is text in HTML, wherever it stands", () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='a'>&amp;`;
    const { html } = mail("<i>&'\"", { device: evil, address: evil });
    expect(html).not.toMatch(/<script|<img|<i>/);
    expect(
      html.split("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&amp;amp;"),
    ).toHaveLength(3);
    expect(html).toContain("Hello &lt;i&gt;&amp;&#39;&quot;,");
    const product = render("verify_email", {}, { name: "<b>A & B</b>" });
    expect(product.html).not.toContain("<b>");
    expect(product.subject).toContain("<b>A & B</b>");
  });

  test("stays in its row, and is cut where it is longer than an address may be", () => {
    const { text } = mail("Ada", { device: `x\n\nClick here:\u2028${"y".repeat(300)}`, address: "" });
    expect(text).toMatch(/^Device: x {2}Click here: y{200,}…$/m);
    expect(text).not.toContain("IP address");
  });

  test("a token is escaped in its link", () => {
    const { text, html } = mail("Ada", { token: `a&b="c"#<` });
    expect(text).toContain("\nhttps://auth.example.com/auth/password/reset?token=a%26b%3D%22c%22%23%3C\n");
    expect(html).toContain('href="https://auth.example.com/auth/password/reset?token=a%26b%3D%22c%22%23%3C"');
  });
});
