import * as z from "zod";
import type { BlobContainerConnection } from "../../platform/blobs/connection.ts";
import type { Runtime } from "../../platform/runtime/settings.ts";
import { section, type Part } from "../../platform/settings/section.ts";
import { isSecureOrLocal, storageConnection, webUrl, whole } from "../../platform/settings/types.ts";

/** `https://ACCOUNT.blob.core.windows.net/CONTAINER`; the emulator has the account in its path. */
const containerUrl = webUrl
  .refine(isSecureOrLocal, "may be plain http for localhost only")
  .refine(
    (text) => /^\/(?:[\w-]+\/)?[\w-]+$/.test(URL.parse(text)?.pathname ?? "") && !/[?#]/.test(text),
    "must be the address of a container, such as https://NAME.blob.core.windows.net/audit-anchors",
  );

const containerName = z
  .string()
  .regex(/^[\da-z-]{3,63}$/, "must have 3 to 63 lower-case letters, digits and hyphens")
  .refine((text) => !/^-|--|-$/.test(text), "must have single hyphens, and none at its ends");

/** When the heads of the audit log are signed, and where they are kept besides the database. */
export const anchorSettings = section({
  title: "Anchors of the audit log",
  about:
    "Give the address of a container, where the service signs in with its identity, or a connection string. Without either, anchors are in the database alone.",
  settings: {
    everySeconds: {
      name: "AUDIT_ANCHOR_SECONDS",
      type: whole(60, 3600),
      default: "300",
      unit: "seconds",
      about: "How long after an event the heads of the chains are signed. Without events nothing is signed.",
    },
    containerUrl: {
      name: "AUDIT_ANCHORS_URL",
      type: containerUrl,
      about:
        "The container of blobs to which anchors go, such as `https://NAME.blob.core.windows.net/audit-anchors`. Give it a time-based policy of immutability.",
    },
    connectionString: {
      name: "AUDIT_ANCHORS_CONNECTION_STRING",
      type: storageConnection("blobendpoint"),
      isSecret: true,
      about: "Instead of the address: the storage account of the container.",
    },
    containerName: {
      name: "AUDIT_ANCHORS_CONTAINER",
      type: containerName,
      default: "audit-anchors",
      about: "The container's name, with a connection string. It is made if it is missing, without a policy.",
    },
  },
  idleRules: ({ connectionString, containerUrl: url }, isChosen) => [
    [
      connectionString !== undefined && url !== undefined,
      "AUDIT_ANCHORS_URL",
      "does nothing beside AUDIT_ANCHORS_CONNECTION_STRING",
    ],
    [
      connectionString === undefined && isChosen("containerName"),
      "AUDIT_ANCHORS_CONTAINER",
      "does nothing without AUDIT_ANCHORS_CONNECTION_STRING",
    ],
  ],
  complete: (
    { everySeconds, containerUrl: url, connectionString, containerName: name },
    { runtime }: { readonly runtime: Runtime },
  ) => {
    const byIdentity = url === undefined ? undefined : Object.freeze({ url, identity: runtime.identity });
    /** Undefined if anchors are in the database alone. */
    const container: BlobContainerConnection | undefined =
      connectionString === undefined ? byIdentity : Object.freeze({ connectionString, name });
    return Object.freeze({ everySeconds, container });
  },
});

export type AnchorSettings = Part<typeof anchorSettings>;
