import type { ProviderKind, ProviderSettings } from "./provider-settings.ts";
import { createEntra } from "./entra.ts";
import { createFacebook } from "./facebook.ts";
import { createGithub } from "./github.ts";
import { createGoogle } from "./google.ts";
import { createOidc } from "./oidc.ts";
import type { Provider } from "../provider.ts";

const makers: Readonly<Record<ProviderKind, (settings: ProviderSettings) => Provider>> = {
  google: createGoogle,
  entra: createEntra,
  facebook: createFacebook,
  github: createGithub,
  oidc: createOidc,
};

/** The providers that have settings, by their name in the path. */
export type Providers = ReadonlyMap<string, Provider>;

/** Makes the providers that have settings. Nothing is asked of them yet. */
export function createProviders(settings: readonly ProviderSettings[]): Providers {
  return new Map(settings.map((one) => [one.name, makers[one.kind](one)]));
}

/** Where a provider sends browsers back to: what is registered there. */
export function callbackUrl(issuer: string, name: string): string {
  return `${issuer}/auth/oauth/${name}/callback`;
}
