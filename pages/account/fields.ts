import type { User } from "../../client/src/index.ts";
import type { FieldSpec } from "../shell/field.ts";
import { fill } from "../shell/language.ts";
import { passwordHint } from "../shell/password-hint.ts";
import { judgeBy } from "../shell/password-judge.ts";
import type { App } from "./app.ts";
import type { Words } from "./languages/en.ts";

/** The address by which people sign in. */
export function emailField({ email: label }: Words, value?: string): FieldSpec {
  return { name: "email", label, type: "email", autocomplete: "username", value, check: isLikeEmail };
}

export function usernameField({ username: label, register }: Words, value?: string): FieldSpec {
  const hint = value === undefined ? () => ({ text: register.nameHint, isMet: false }) : undefined;
  return { name: "username", label, type: "text", autocomplete: "name", value, hint };
}

export function passwordField({ password: label }: Words): FieldSpec {
  return { name: "password", label, type: "password", autocomplete: "current-password" };
}

/** @param user who is signed in, if somebody is */
export function newPasswordField(
  { words: { passwordHint: words }, account }: App,
  label: string,
  user?: User,
): FieldSpec {
  const hint = passwordHint({
    tooLong: words.tooLong,
    rule: (least) => fill(words.rule, { least }),
    enough: (_least, length) => fill(words.enough, { length }),
    missing: (least, _length, missing) => fill(words.missing, { least, missing }),
  });
  return {
    name: "password",
    label,
    type: "password",
    autocomplete: "new-password",
    hint,
    judge: judgeBy(account, user),
    check: (password) => hint(password).isMet,
  };
}

export function codeField({ code: label }: Words): FieldSpec {
  const check = (text: string) => /^\d{6}$/.test(readCode(text));
  return { name: "code", label, type: "text", autocomplete: "one-time-code", inputmode: "numeric", check };
}

export function appCodeField(words: Words): FieldSpec {
  return { ...codeField(words), name: "app_code", label: words.appCode };
}

export function recoveryCodeField({ recoveryCode: label }: Words): FieldSpec {
  return { name: "recovery_code", label, type: "text", autocomplete: "off" };
}

/** The rest is the service's to judge. */
export const isLikeEmail = (text: string): boolean => text.trim().indexOf("@") > 0;

/** A code as the service expects it, however it was typed or pasted. */
export function readCode(text: string): string {
  return text.normalize("NFKC").replaceAll(/[\s-]/g, "");
}
