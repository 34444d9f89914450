import { isEmail } from "../../accounts/email.ts";
import { presentableName, presentablePicture } from "../../accounts/profile.ts";
import type { IdentityKey } from "../../identities/store.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";

/** A person who has signed in at a provider, as this service may store them. */
export interface Person extends IdentityKey {
  /** Null if there is none, or if no mail could be sent to it. */
  readonly email: string | null;
  /** Whether the provider is trusted about the address. */
  readonly isEmailVerified: boolean;
  readonly name: string | null;
  readonly picture: string | null;
  /** The username of a new account: the name, else the address, else the short name at the provider. */
  readonly username: string;
}

/** What a provider says about a person, without what cannot be kept or shown. */
export function toPerson({ name: provider, displayName }: Provider, profile: ProviderProfile): Person {
  const email = profile.email !== undefined && isEmail(profile.email) ? profile.email.trim() : null;
  const name = presentableName(profile.name);
  const localPart = presentableName(email?.slice(0, email.lastIndexOf("@")));
  return {
    provider,
    subject: profile.subject,
    email,
    isEmailVerified: email !== null && profile.isEmailVerified,
    name: name ?? null,
    picture: presentablePicture(profile.picture) ?? null,
    username: name ?? localPart ?? presentableName(profile.login) ?? `${displayName} user`,
  };
}
