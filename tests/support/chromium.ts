import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { expect } from "vitest";

/** Where Debian's package puts it, and where Google's own does. */
const places = ["/usr/bin/chromium", "/usr/bin/google-chrome"];

/** The browser that tests drive: the one that CHROMIUM names, else what is installed; undefined for none. */
export const chromiumPath = process.env["CHROMIUM"] ?? places.find((place) => existsSync(place));

/** Where the pictures are that tests take: artefacts to look at, and the ones that README shows. */
const pictures = path.resolve("dist/screenshots");

/** Starts a browser of the caller's own. */
export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  const features = `--disable-features=${[...dispensable, ...playwrights].join(",")}`;
  return chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox", features, ...args] });
}

/**
 * What costs more than half of a tab and serves none: two pages that suggest addresses to whoever types one, and a process
 * that waits for the next page.
 */
const dispensable = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"];

/** What Playwright switches off. Of several such arguments Chromium heeds the last. */
const playwrights = [
  "AimEnabled",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "PreconnectToSearch",
  "ThirdPartyStoragePartitioning",
];

let common: Browser | undefined;

/** The browser that the files of a process share: to start one costs a second. Whoever opens it closes its tabs. */
export async function openChromium(): Promise<Browser> {
  if (!common?.isConnected()) common = await launchChromium();
  return common;
}

/** Closes what is open in the shared browser. */
export async function closeTabs(): Promise<void> {
  await Promise.all((common?.contexts() ?? []).map((context) => context.close()));
}

/** What a page has complained of and whom it has asked, from now on. */
export interface Watch {
  /** Errors of its scripts, breaches of its policies and faults in them; that an answer was an error is none. */
  readonly complaints: string[];
  /** The origins that it has asked for anything. */
  readonly asked: Set<string>;
}

export function watchPage(tab: Page): Watch {
  const [complaints, asked] = [[] as string[], new Set<string>()];
  tab.on("console", (message) => {
    const isFault = message.type() === "error" || message.text().includes("Permissions-Policy");
    if (isFault && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  tab.on("pageerror", (error) => complaints.push(error.message));
  tab.on("request", (request) => {
    if (!request.url().startsWith("data:")) asked.add(new URL(request.url()).origin);
  });
  return { complaints, asked };
}

/** Takes a picture of the page. */
export async function takePicture(tab: Page, name: string, options: { fullPage?: boolean } = {}): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await tab.screenshot({ path: path.join(pictures, `${name}.png`), animations: "disabled", ...options });
}

/** Expects that nothing of the page is wider than a phone of 360 pixels. */
export async function expectToFitPhone(tab: Page): Promise<void> {
  await tab.setViewportSize({ width: 360, height: 740 });
  expect(await tab.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
}

const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Expects that axe finds nothing serious. @param except findings that are known, each with its reason where it is given */
export async function expectAccessible(tab: Page, except: readonly string[] = []): Promise<void> {
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate<{ violations: Finding[] }>('axe.run({ resultTypes: ["violations"] })');
  const serious = violations.filter(({ id, impact }) => /serious|critical/.test(impact) && !except.includes(id));
  expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}
