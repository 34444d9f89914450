import type { BrowserContext } from "playwright-core";
import type { CaptchaKind } from "../../shared/captcha/providers.ts";

/** The addresses of a provider's script, and of what its widget shows. */
const places = {
  turnstile: {
    script: "https://challenges.cloudflare.com/turnstile/v0/api.js",
    frame: "https://challenges.cloudflare.com/widget",
  },
  hcaptcha: { script: "https://js.hcaptcha.com/1/api.js", frame: "https://newassets.hcaptcha.com/widget" },
} as const satisfies Record<CaptchaKind, unknown>;

/** What was asked of the widget. */
export interface Widget {
  /** The addresses by which its script was asked for. */
  readonly asked: string[];
  /** The options with which it was rendered, as texts. */
  readonly rendered: Record<string, unknown>[];
}

/**
 * Stands for a provider in a browser: its script, and the frame that its widget lives in, at their real addresses.
 * @param solve makes a token for the widget's options; an empty one is a widget that fails
 */
export async function serveWidget(
  context: BrowserContext,
  kind: CaptchaKind,
  solve: (options: Readonly<Record<string, unknown>>) => string,
): Promise<Widget> {
  const { script, frame } = places[kind];
  const asked: string[] = [];
  const rendered: Record<string, unknown>[] = [];
  await context.route(`${script}?**`, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: "text/javascript", body: widgetScript(kind, frame) });
  });
  await context.route(`${frame}?**`, (route) => route.fulfill({ contentType: "text/html", body: frameOf(frame) }));
  await context.route(`${frame}/solve?**`, (route) => {
    const options = Object.fromEntries(new URL(route.request().url()).searchParams);
    rendered.push(options);
    return route.fulfill({ contentType: "text/plain", body: solve(options) });
  });
  return { asked, rendered };
}

const widgetScript = (kind: CaptchaKind, frame: string) => `
  window.${kind} = {
    render(place, options) {
      const { callback, "error-callback": fail, ...told } = options;
      const shown = document.createElement("iframe");
      shown.src = "${frame}?" + new URLSearchParams(told);
      shown.title = "Widget of ${kind}";
      [shown.width, shown.height] = options.size === "compact" ? [150, 140] : [300, 65];
      place.append(shown);
      addEventListener("message", ({ data, source }) => {
        if (source === shown.contentWindow) data === "" ? fail("300030") : callback(data);
      });
      return shown;
    },
    removed: 0,
    remove(shown) { shown.remove(); this.removed += 1; },
  };`;

const frameOf = (
  frame: string,
) => `<!doctype html><html lang="en"><title>Widget</title><button>I am a person</button><script>
  document.querySelector("button").onclick = async () =>
    parent.postMessage(await (await fetch("${frame}/solve" + location.search)).text(), "*");
</script></html>`;
