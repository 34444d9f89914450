import { forgetDevice, forgetDevices, type Factors } from "../../client/src/mfa.ts";
import { button, element, type Child } from "../shell/element.ts";
import { dateTime, fill } from "../shell/language.ts";
import type { App } from "./app.ts";
import { deviceName } from "./history.ts";
import type { Reload } from "./loaded.ts";

/** The devices on which signing in takes no second factor for a while; nothing if there are none. */
export function rememberedDevices(
  app: App,
  { remembered_devices: devices }: Factors,
  reload: Reload,
): readonly Child[] {
  const { words, holder } = app;
  if (devices.length === 0) return [];
  const all = button(words.remembered.forgetAll, () =>
    reload.act(async () => {
      await forgetDevices(holder);
      return words.remembered.allForgotten;
    }),
  );
  return [
    element("h3", {}, words.remembered.title),
    element("p", {}, words.remembered.lead),
    element("ul", { class: "rows" }, ...devices.map((one) => row(app, one, reload))),
    devices.length > 1 ? element("div", { class: "buttons" }, all) : undefined,
  ];
}

function row(app: App, entry: Factors["remembered_devices"][number], { act }: Reload): HTMLElement {
  const { words, holder, locale } = app;
  const device = deviceName(app, entry);
  const forget = () =>
    act(async () => {
      await forgetDevice(holder, entry.id);
      return fill(words.remembered.forgotten, { device });
    });
  const until = fill(words.remembered.until, { date: dateTime(locale, entry.expires_at) });
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("strong", {}, device),
      element("p", { class: "hint" }, [until, entry.address].filter(Boolean).join(" · ")),
    ),
    button(words.remembered.forget, forget, { "aria-label": fill(words.remembered.forgetNamed, { device }) }),
  );
}
