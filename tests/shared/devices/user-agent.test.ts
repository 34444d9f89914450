import { describe, expect, test } from "vitest";
import { describeUserAgent } from "../../../shared/devices/user-agent.ts";

const webKit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const blink = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${blink} Chrome/139.0.0.0 Safari/537.36`, "desktop", "Chrome on Windows"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "desktop", "Firefox on Linux"],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${webKit} Version/17.5 Safari/604.1`,
    "iPhone",
    "Safari on iPhone",
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${blink} Chrome/138.0.0.0 Mobile Safari/537.36`,
    "phone",
    "Chrome on Android",
  ],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Version/18.5 Safari/605.1.15`,
    "desktop",
    "Safari on macOS",
  ],
  ["MyApp/1.0 (okhttp)", null, "MyApp"],
  ["curl/8.5.0", null, null],
  ["", null, null],
  [undefined, null, null],
])("%s", (userAgent, device, label) => {
  expect(describeUserAgent(userAgent)).toMatchObject({ device, label });
});

describe("a user agent that is no browser's", () => {
  test.each([
    "Call 0800-1234 now!/1.0 (x) y",
    "evil.example/1.0 x",
    "<b>bold</b>/1 x",
    `${"A".repeat(200)}/1.0 x`,
    "http://evil.example/ x/1 y",
  ])("says nothing that could be a message: %s", (userAgent) => {
    expect(describeUserAgent(userAgent).label).toBeNull();
  });

  test.each([
    "Mozilla/5.0 (".repeat(400),
    "x/".repeat(4000),
    " /".repeat(4000),
    `Version/${"1.".repeat(4000)}`,
    `Android ${"0.".repeat(4000)};`,
    `Mozilla/5.0 (Windows ${"(".repeat(4000)}`,
    `${" ".repeat(4000)}/`,
    "Chrome/CriOS/Firefox/Opera/".repeat(400),
  ])("is read in a few milliseconds, however long: %s", (userAgent) => {
    describeUserAgent(userAgent);
    const { user: before } = process.cpuUsage();
    for (let count = 0; count < 20; count += 1) describeUserAgent(userAgent);
    expect((process.cpuUsage().user - before) / 20_000).toBeLessThan(10);
  });
});
