import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../../shared/config.ts";
import { testSettings } from "../../../support/settings.ts";

const read = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });
const url = "https://name.blob.core.windows.net/audit-anchors";
const connection = "UseDevelopmentStorage=true";

describe("19.3 the settings of anchors", () => {
  test("are five minutes and no container, unless set", () => {
    expect(read({}).anchors).toEqual({ everySeconds: 300, container: undefined });
  });

  test("name a container by its address and the service's identity, or by a connection string", () => {
    const clientId = "11111111-0000-4000-8000-000000000001";
    expect(read({ AUDIT_ANCHORS_URL: url, AZURE_CLIENT_ID: clientId }).anchors.container).toEqual({
      url,
      identity: { clientId, isInAzure: false },
    });
    expect(read({ AUDIT_ANCHORS_CONNECTION_STRING: connection }).anchors.container).toEqual({
      connectionString: connection,
      name: "audit-anchors",
    });
  });

  test.each([
    ["AUDIT_ANCHOR_SECONDS", "60", true],
    ["AUDIT_ANCHOR_SECONDS", "59", false],
    ["AUDIT_ANCHOR_SECONDS", "3600", true],
    ["AUDIT_ANCHOR_SECONDS", "3601", false],
    ["AUDIT_ANCHORS_URL", "http://127.0.0.1:10000/devstoreaccount1/audit-anchors", true],
    ["AUDIT_ANCHORS_URL", "http://name.blob.core.windows.net/audit-anchors", false],
    ["AUDIT_ANCHORS_URL", "https://name.blob.core.windows.net", false],
    ["AUDIT_ANCHORS_URL", "https://name.blob.core.windows.net/", false],
    ["AUDIT_ANCHORS_URL", `${url}/`, false],
    ["AUDIT_ANCHORS_URL", `${url}?sv=2024-01-01&sig=a`, false],
    ["AUDIT_ANCHORS_URL", "https://name.blob.core.windows.net/a/b/c", false],
    ["AUDIT_ANCHORS_CONNECTION_STRING", "BlobEndpoint=https://a/;SharedAccessSignature=sv=1", true],
    ["AUDIT_ANCHORS_CONNECTION_STRING", "QueueEndpoint=https://a/;SharedAccessSignature=sv=1", false],
    ["AUDIT_ANCHORS_CONTAINER", "abc", true],
    ["AUDIT_ANCHORS_CONTAINER", "ab", false],
    ["AUDIT_ANCHORS_CONTAINER", "a--b", false],
    ["AUDIT_ANCHORS_CONTAINER", "-ab", false],
    ["AUDIT_ANCHORS_CONTAINER", "ABC", false],
  ])("%s is %j: %s", (name, value, isAccepted) => {
    if (isAccepted) expect(() => read({ [name]: value })).not.toThrow();
    else expect(() => read({ [name]: value })).toThrow(name);
  });

  test("of no effect are told", () => {
    const { warnings } = read({ AUDIT_ANCHORS_URL: url, AUDIT_ANCHORS_CONNECTION_STRING: connection });
    expect(warnings).toContain("AUDIT_ANCHORS_URL does nothing beside AUDIT_ANCHORS_CONNECTION_STRING");
    expect(read({ AUDIT_ANCHORS_CONTAINER: "others" }).warnings).toContain(
      "AUDIT_ANCHORS_CONTAINER does nothing without AUDIT_ANCHORS_CONNECTION_STRING",
    );
  });
});
