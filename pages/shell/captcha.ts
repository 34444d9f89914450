import type { Captcha } from "../../client/src/index.ts";
import { element } from "./element.ts";
import type { Locale } from "./language.ts";

/** What both providers' scripts have in common. */
interface Widgets {
  /** @returns the widget's id */
  render(place: HTMLElement, options: object): unknown;
  remove(id: unknown): void;
}

interface CaptchaProvider {
  readonly script: string;
  /** The options that the other one does not have. */
  options(captcha: Captcha, language: string): object;
}

/** The providers by the names of their globals, which are also the service's. */
const providers: Readonly<Record<Captcha["provider"], CaptchaProvider>> = {
  turnstile: {
    script: "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit",
    options: ({ action }, language) => ({ action, language }),
  },
  hcaptcha: {
    script: "https://js.hcaptcha.com/1/api.js?render=explicit&recaptchacompat=off",
    options: (_captcha, hl) => ({ hl }),
  },
};

/** The narrowest place for the widget's usual size, in pixels. */
const usualWidth = 304;

/**
 * Shows a captcha in a place of the page until it is solved or another one is to be shown there. A provider's script is
 * loaded only now. Not for a dialog: hCaptcha's puzzle lies beside it in the page, out of reach.
 * @returns the token
 * @throws if the script cannot be loaded, or the widget fails
 */
export async function solveCaptcha(place: HTMLElement, captcha: Captcha, locale: Locale): Promise<string> {
  const widgets = await load(captcha.provider);
  removals.get(place)?.();
  const box = element("div");
  place.replaceChildren(box);
  let id: unknown;
  const solving = new Promise<string>((resolve, reject) => {
    id = widgets.render(box, {
      ...providers[captcha.provider].options(captcha, locale === "zh-Hant" ? "zh-TW" : locale),
      sitekey: captcha.siteKey,
      theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
      size: place.clientWidth < usualWidth ? "compact" : "normal",
      callback: resolve,
      "error-callback": reject,
    });
  });
  const remove = () => {
    if (removals.get(place) !== remove) return;
    removals.delete(place);
    widgets.remove(id);
    box.remove();
  };
  removals.set(place, remove);
  return solving.finally(remove);
}

/** What takes away the widget that a place shows: its script goes on working for one that is just gone from the page. */
const removals = new WeakMap<HTMLElement, () => void>();

/** Set by a provider's script. */
type Globals = Partial<Record<Captcha["provider"], Widgets>>;

function load(name: Captcha["provider"]): Promise<Widgets> {
  const { [name]: loaded } = window as Globals;
  if (loaded) return Promise.resolve(loaded);
  return new Promise((resolve, reject) => {
    const script = element("script", { src: providers[name].script });
    // The page's policy knows our scripts by it.
    script.nonce = document.querySelector("script")?.nonce ?? "";
    script.addEventListener("error", reject);
    script.addEventListener("load", () => {
      const { [name]: widgets } = window as Globals;
      if (widgets) resolve(widgets);
      else reject(new Error(`${name} did not start`));
    });
    document.head.append(script);
  });
}
