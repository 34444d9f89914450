import type { Captcha } from "../../client/src/index.ts";
import { solveCaptcha } from "../shell/captcha.ts";
import { element } from "../shell/element.ts";
import type { Notice } from "../shell/notice.ts";
import type { App } from "./app.ts";

/** A captcha's token, if one was solved for this call. */
export interface Solved {
  readonly captcha_token?: string;
}

/** The part of a form that shows a captcha when a call needs one. */
export interface CaptchaPlace {
  readonly row: HTMLElement;
  /** Shows it, and goes on when it is solved. */
  ask(captcha: Captcha): Promise<void>;
}

/** @param notice where the form says what has happened @param goOn repeats the call */
export function captchaPlace(
  { words, locale }: App,
  notice: Notice,
  goOn: (solved: Solved) => Promise<void>,
): CaptchaPlace {
  const row = element("div", { class: "captcha", role: "group", "aria-label": words.captcha.title, tabindex: "-1" });
  return {
    row,
    async ask(captcha) {
      notice.say(words.captcha.ask);
      row.focus();
      try {
        await goOn({ captcha_token: await solveCaptcha(row, captcha, locale) });
      } catch {
        notice.fail(words.captcha.failed);
      }
    },
  };
}
