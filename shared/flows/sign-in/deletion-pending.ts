import { refusing, type Refusal } from "../../audit/refusal.ts";

export const deletionPendingCodes = ["ACCOUNT_DELETION_PENDING"] as const;
const refuse = refusing(deletionPendingCodes);

/** The answer to a person who has proven to own an account that is to be erased at `eraseAt`. */
export function deletionPending(accountId: string, eraseAt: Date): Refusal {
  return refuse("ACCOUNT_DELETION_PENDING", { about: { accountId }, details: { erased_at: eraseAt.toISOString() } });
}
