import type { Account, Holder } from "../../client/src/account.ts";
import type { Client } from "../../client/src/index.ts";
import type { FieldSpec } from "../shell/field.ts";

/** What a step works with. */
export interface Tools {
  readonly client: Client;
  readonly account: Account;
  /** The client, with a person who is asked when a change needs a proof. */
  readonly holder: Holder;
  /** Shows something below the section's form, in place of what was there. */
  readonly showBelow: (...children: readonly HTMLElement[]) => void;
}

/** A button: runs something and returns a message about the result. */
export interface Step {
  readonly button: string;
  /** Whether Enter in a field runs it. */
  readonly isDefault?: boolean;
  run(tools: Tools, values: Readonly<Record<string, string>>): Promise<string>;
}

/** A field of a section. */
export interface SectionField extends FieldSpec {
  /** Whether the service is asked about it while it is typed: a password to choose. */
  readonly isJudged?: boolean;
}

/** A form. To add one for a new feature of the service, add an entry here; nothing else changes. */
export interface Section {
  readonly title: string;
  readonly fields: readonly SectionField[];
  readonly steps: readonly Step[];
  /** Whether it is closed until it is needed. */
  readonly isFolded?: boolean;
  /** Whether to offer sign-in at the social providers too. */
  readonly hasProviders?: boolean;
}
