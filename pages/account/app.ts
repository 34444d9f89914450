import type { Account, Holder } from "../../client/src/account.ts";
import type { Client, User } from "../../client/src/index.ts";
import type { SecondFactor, SecondFactorDue } from "../../client/src/mfa.ts";
import type { Locale } from "../shell/language.ts";
import type { Words } from "./languages/en.ts";

/** What every part of the page works with. */
export interface App {
  readonly client: Client;
  readonly account: Account;
  /** The client, with a person who is asked when a change needs a proof. */
  readonly holder: Holder;
  readonly locale: Locale;
  readonly words: Words;
  show(view: View): void;
  /** Shows the same view again, in the language that holds now. */
  render(): void;
}

/** What the page shows. */
export type View =
  | { readonly name: "loading" }
  | { readonly name: "away"; readonly error: unknown }
  | { readonly name: "sign-in"; readonly email?: string; readonly said?: string; readonly fault?: string }
  | { readonly name: "register" }
  | { readonly name: "verify"; readonly email: string; readonly password?: string; readonly isWaiting: boolean }
  | { readonly name: "forgot"; readonly email?: string }
  | { readonly name: "pending"; readonly email: string; readonly password: string; readonly erasedAt?: string }
  | { readonly name: "deleted"; readonly erasedAt: string }
  | { readonly name: "enrolment"; readonly due: SecondFactorDue; readonly was?: User | undefined }
  | {
      readonly name: "second-step";
      readonly due: SecondFactorDue;
      readonly method?: SecondFactor;
      /** Who is signed in meanwhile. */
      readonly was?: User | undefined;
    }
  | { readonly name: "account"; readonly fault?: string };
