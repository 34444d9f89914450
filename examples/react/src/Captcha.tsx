import type { Captcha as Asked } from "@latchkey/client";
import { useEffect, useRef } from "react";

/** What the scripts of both providers have in common. */
interface Widgets {
  render(place: HTMLElement, options: object): unknown;
  remove(id: unknown): void;
}
type Globals = Partial<Record<Asked["provider"], Widgets>>;

const scripts = {
  turnstile: "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit",
  hcaptcha: "https://js.hcaptcha.com/1/api.js?render=explicit",
};

/** Loads a provider's script, once. */
async function load(provider: Asked["provider"]): Promise<Widgets> {
  const widgets = () => (window as Globals)[provider];
  if (!widgets())
    await new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), {
        src: scripts[provider],
        onload: resolve,
        onerror: reject,
      });
      document.head.append(script);
    });
  return widgets() ?? Promise.reject(new Error(`${provider} did not start`));
}

interface Listeners {
  readonly onSolved: (token: string) => void;
  readonly onFault: (text: string) => void;
}

/** Shows the captcha that a call needs. */
export function Captcha({ captcha, onSolved, onFault }: { readonly captcha: Asked } & Listeners) {
  const place = useRef<HTMLDivElement>(null);
  const listeners = useRef({ onSolved, onFault });
  listeners.current = { onSolved, onFault };

  useEffect(() => {
    const box = document.createElement("div");
    place.current?.append(box);
    let takeAway = () => {};
    const fail = () => listeners.current.onFault("The captcha could not be shown. Does the browser block it?");
    async function show() {
      const widgets = await load(captcha.provider);
      // Perhaps it is not needed any more.
      if (!box.isConnected) return;
      const { siteKey: sitekey, action } = captcha;
      const callback = (token: string) => listeners.current.onSolved(token);
      const size = box.clientWidth < 304 ? "compact" : "normal";
      const id = widgets.render(box, { sitekey, action, size, callback, "error-callback": fail });
      takeAway = () => widgets.remove(id);
    }
    show().catch(fail);
    return () => {
      takeAway();
      box.remove();
    };
  }, [captcha]);
  return <div ref={place} role="group" aria-label="Captcha" />;
}
