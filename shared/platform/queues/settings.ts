import { section } from "../settings/section.ts";
import { storageConnection } from "../settings/types.ts";

/** The storage account of the queues. */
export const queueSettings = section({
  title: "Queues",
  settings: {
    connection: {
      name: "AzureWebJobsStorage",
      type: storageConnection,
      isSecret: true,
      example: "UseDevelopmentStorage=true",
      about:
        "The storage account for queues: a connection string, or `UseDevelopmentStorage=true` for the emulator that `npm start` runs.",
    },
  },
});
