/** What the pages that mailed links open say, in one language. Plain text. */
export interface LinkTexts {
  readonly email: string;
  readonly verify: { readonly title: string; readonly text: string; readonly button: string };
  readonly verified: { readonly title: string; readonly text: string };
  readonly reset: { readonly title: string; readonly password: string; readonly button: string };
  /** The rule for passwords. */
  readonly passwordRule: (minLength: number) => string;
  readonly resetDone: { readonly title: string; readonly text: string };
  /** Of a link that was used, has expired, was ended by a newer one, or was cut off. */
  readonly dead: { readonly title: string; readonly text: string; readonly button: string };
  /** Before a new address becomes the account's. */
  readonly change: { readonly title: string; readonly text: string; readonly button: string };
  readonly changed: { readonly title: string; readonly text: string };
  /** Before the account gets its old address back. */
  readonly undo: { readonly title: string; readonly text: string; readonly button: string };
  /** Of an address that another account has. */
  readonly taken: { readonly title: string; readonly text: string };
  /** Of a link to a new address that is dead. */
  readonly changeDead: { readonly title: string; readonly text: string };
  readonly sent: { readonly title: string; readonly text: string };
  readonly wrongEmail: string;
  /** Where to go on after success. */
  readonly onward: { readonly account: string; readonly app: (name: string) => string };
  /** Of a form that is larger than the service takes. */
  readonly tooLong: { readonly title: string; readonly text: string };
  /** Of a form that none of these pages has sent like this. */
  readonly misshapen: { readonly title: string; readonly text: string };
  /** Of anything else that went wrong, which may go better later. */
  readonly failed: { readonly title: string; readonly text: string };
}
