import { LatchkeyError } from "@latchkey/client";
import type { PasswordVerdict } from "@latchkey/client/account";

/** What a social sign-in was sent back with: anybody can write a link with another, so it is never shown itself. */
export function explainReturn(code: string | null): string {
  if (code === null) return "";
  if (code === "ACCESS_DENIED") return "The sign-in was cancelled.";
  if (code === "LINK_REQUIRES_PROOF")
    return "There is an account with this email: log in to it the way you did before.";
  return "The sign-in did not work out. Try again.";
}

/** An error in the words of this app. */
export function explain(error: unknown): string {
  if (!(error instanceof LatchkeyError)) return "Something went wrong.";
  switch (error.code) {
    case "INVALID_CREDENTIALS":
      return "Email or password is wrong.";
    case "MFA_CODE_INVALID":
      return "The code is wrong, or was used before. Wait for the next one.";
    case "MFA_TOKEN_INVALID":
      return "That took too long. Reload the page, and log in again.";
    case "PASSKEY_EXISTS":
      return "This device has a passkey of your account already.";
    case "PASSKEY_UNKNOWN":
      return "This passkey belongs to no account any more.";
    case "EMAIL_NOT_VERIFIED":
      return "Verify your email address first.";
    case "EMAIL_ALREADY_REGISTERED":
      return "There is an account with this email: log in.";
    case "TOKEN_INVALID_OR_EXPIRED":
      return "The code is wrong or too old. Send another mail.";
    case "ADDRESS_NOT_ALLOWED":
      return "Your network may not use this service.";
    case "VALIDATION_ERROR":
      return faultsOf(error).join(" ");
    case "NETWORK_ERROR":
      return "The service cannot be reached. Are you online?";
    default:
      return error.retryAfterSeconds === undefined
        ? error.message
        : `Too much is going on. Try again in ${error.retryAfterSeconds} seconds.`;
  }
}

interface Fault {
  readonly field: string;
  readonly message: string;
  readonly feedback?: PasswordVerdict["feedback"];
}

/** What the service says of a password, in the browser's language; empty if it says nothing. */
export function adviceOf(feedback: PasswordVerdict["feedback"] | undefined): string {
  return [feedback?.warning, ...(feedback?.suggestions ?? [])].filter(Boolean).join(" ");
}

function faultsOf({ details, message }: LatchkeyError): string[] {
  const fields = details["fields"] as readonly (Fault | null)[] | undefined;
  const faults = Array.isArray(fields) ? fields.filter((fault) => fault !== null) : [];
  if (faults.length === 0) return [message];
  return faults.map(({ field, message: fault, feedback }) => adviceOf(feedback) || `The ${field} ${fault}.`);
}
