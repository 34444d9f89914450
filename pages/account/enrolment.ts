import { completeEnrolment, enrol, type Enrolment, type SecondFactorDue } from "../../client/src/mfa.ts";
import { button, element } from "../shell/element.ts";
import { qrCode } from "../shell/qr-code.ts";
import type { App, View } from "./app.ts";
import { card } from "./card.ts";
import { appCodeField, readCode } from "./fields.ts";
import { form } from "./form.ts";
import { loaded } from "./loaded.ts";
import { enter, orBegin } from "./second-step.ts";

/** What has begun already: the view is shown anew in another language. */
const begun = new WeakMap<SecondFactorDue, Promise<Enrolment>>();

function begin(app: App, due: SecondFactorDue): Promise<Enrolment> {
  const enrolment = begun.get(due) ?? orBegin(app, enrol(app.client, due));
  begun.set(due, enrolment);
  enrolment.catch(() => begun.delete(due));
  return enrolment;
}

/** The app that a sign-in waits for. */
export function enrolmentView(app: App, { due, was }: Extract<View, { readonly name: "enrolment" }>): HTMLElement {
  const { words, client } = app;
  return card(
    words.enrolment.title,
    element("p", {}, words.enrolment.required),
    loaded(
      app,
      () => begin(app, due),
      (enrolment) => [
        confirmation(app, enrolment, {
          async confirm(code) {
            enter(app, await orBegin(app, completeEnrolment(client, due, { id: enrolment.id, code })), was);
          },
        }),
      ],
    ),
    element(
      "div",
      { class: "buttons ways" },
      button(words.back, () => app.show({ name: "sign-in" })),
    ),
  );
}

interface Confirming {
  readonly confirm: (code: string) => Promise<void>;
  /** Goes back, if there is a way. */
  readonly cancel?: () => void;
}

/** Shows an app's secret, and asks for its first code. */
export function confirmation(
  app: App,
  { secret, uri, qr_svg: svg }: Enrolment,
  { confirm, cancel }: Confirming,
): HTMLElement {
  const { words } = app;
  const key = secret.match(/.{1,4}/g)?.join(" ") ?? secret;
  return element(
    "div",
    {},
    element("p", { tabindex: "-1" }, words.enrolment.scan),
    qrCode(svg, words.enrolment.qr),
    element("p", {}, words.enrolment.key),
    element("p", {}, element("code", { class: "secret" }, key)),
    element("p", {}, element("a", { href: uri }, words.enrolment.open)),
    form(app, {
      fields: [appCodeField(words)],
      submit: words.enrolment.confirm,
      beside: cancel ? [button(words.cancel, cancel)] : [],
      async run({ app_code: code = "" }) {
        await confirm(readCode(code));
        return undefined;
      },
    }),
  );
}
