import { section, type Environment, type Part, type SettingFault } from "../settings/section.ts";
import { misspeltEnvironment } from "../settings/misspelt.ts";
import { identityId, oneOf } from "../settings/types.ts";

/** Where the service runs, and under which identity. */
export const runtimeSettings = section({
  title: "Where it runs",
  settings: {
    environment: {
      name: "ENVIRONMENT",
      type: oneOf("development", "staging", "production"),
      default: "development",
      required: { when: "in Azure", hint: "production or staging" },
      about: "What the service is used for. `staging` and `production` refuse unsafe settings.",
    },
    clientId: {
      name: "AZURE_CLIENT_ID",
      type: identityId,
      about: "Client id (a GUID) of the user-assigned managed identity that the service runs as.",
    },
  },
  family: {
    settings: [],
    read: (environment) => ({
      // Set by the platform where managed identities are available.
      values: { isInAzure: environment["IDENTITY_ENDPOINT"] !== undefined },
      faults: environmentFaults(environment),
      idle: [],
    }),
  },
  complete: ({ environment, clientId, isInAzure }) => ({
    isDevelopment: environment === "development",
    identity: Object.freeze({ clientId, isInAzure }),
  }),
});

export type Runtime = Part<typeof runtimeSettings>;

/** Prevents a deployment in Azure from running as development by accident. */
function environmentFaults(environment: Environment): SettingFault[] {
  const isForgotten = environment["WEBSITE_INSTANCE_ID"] !== undefined && !environment["ENVIRONMENT"];
  return [
    ...(isForgotten ? [["ENVIRONMENT", "is required in Azure: production or staging"] as const] : []),
    ...misspeltEnvironment(environment),
  ];
}
