import type { ProviderKind, ProviderSettings } from "./provider-settings.ts";
import { createEntra } from "./entra.ts";
import { createFacebook } from "./facebook.ts";
import { createGithub } from "./github.ts";
import { createGoogle } from "./google.ts";
import { createOidc } from "./oidc.ts";
import type { Provider } from "../provider.ts";

/** The providers that are set up, by their name in paths. */
export type Providers = ReadonlyMap<string, Provider>;

/** Creates the providers that are set up, without contacting them. */
export function createProviders(settings: readonly ProviderSettings[]): Providers {
  return new Map(settings.map((one) => [one.name, makers[one.kind](one)]));
}

const makers: Readonly<Record<ProviderKind, (settings: ProviderSettings) => Provider>> = {
  google: createGoogle,
  entra: createEntra,
  facebook: createFacebook,
  github: createGithub,
  oidc: createOidc,
};

/** The callback URL to register at a provider. */
export function callbackUrl(issuer: string, name: string): string {
  return `${issuer}/auth/oauth/${name}/callback`;
}
