import type { QueueConnection } from "./connection.ts";
import { section } from "../settings/section.ts";
import { identityId, isSecureOrLocal, oneOf, storageConnection, webUrl } from "../settings/types.ts";
import type { Runtime } from "../runtime/settings.ts";

/** The storage account of the queues. */
export const queueSettings = section({
  title: "Queues",
  about: "The host reads these, too. Give a connection string, or with a managed identity the address of the queues.",
  settings: {
    connectionString: {
      name: "AzureWebJobsStorage",
      type: storageConnection("queueendpoint"),
      isSecret: true,
      example: "UseDevelopmentStorage=true",
      about:
        "The storage account for queues: a connection string, or `UseDevelopmentStorage=true` for the emulator that `npm start` runs.",
    },
    serviceUri: {
      name: "AzureWebJobsStorage__queueServiceUri",
      type: webUrl.refine(isSecureOrLocal, "may be plain http for localhost only"),
      about:
        "Instead of the connection string: the address of the account's queues, such as `https://NAME.queue.core.windows.net`. The service signs in there with its identity.",
    },
    credential: {
      name: "AzureWebJobsStorage__credential",
      type: oneOf("managedidentity", "workloadidentity"),
      required: { when: "with AzureWebJobsStorage__clientId", hint: "managedidentity" },
      about: "How Azure's host signs in at the queues: `managedidentity` in Azure.",
    },
    clientId: {
      name: "AzureWebJobsStorage__clientId",
      type: identityId,
      defaultText: "`AZURE_CLIENT_ID`",
      about: "Client id of the user-assigned identity that signs in at the queues. Azure's host needs it.",
    },
  },
  idleRules: ({ connectionString, serviceUri }) => [
    [
      connectionString !== undefined && serviceUri !== undefined,
      "AzureWebJobsStorage__queueServiceUri",
      "does nothing beside AzureWebJobsStorage",
    ],
  ],
  complete: ({ connectionString, serviceUri, clientId }, { runtime }: { readonly runtime: Runtime }) => {
    const identity = Object.freeze({ ...runtime.identity, clientId: clientId ?? runtime.identity.clientId });
    const byIdentity = serviceUri === undefined ? undefined : Object.freeze({ serviceUri, identity });
    /** Undefined if no storage is configured. */
    const connection: QueueConnection | undefined = connectionString ?? byIdentity;
    return { connection };
  },
});
