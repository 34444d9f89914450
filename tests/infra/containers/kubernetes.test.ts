import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig, settingNames } from "../../../shared/config.ts";
import { faultsOf, ownManifests, readManifests, type Manifest } from "./manifests.ts";

const manifests = ownManifests();

/** The one object of a kind. */
function the(kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  expect(found, kind).toHaveLength(1);
  return found[0] as Manifest;
}

const deployment = the("Deployment");
const pod = deployment["spec"].template.spec;
const [container] = pod.containers;
const labels = { "app.kubernetes.io/name": "latchkey" };

describe("the manifests", () => {
  test("have the keys and values that Kubernetes knows, and no other", async () => {
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual([
      "ConfigMap",
      "Deployment",
      "HorizontalPodAutoscaler",
      "NetworkPolicy",
      "PodDisruptionBudget",
      "SecretProviderClass",
      "Service",
      "ServiceAccount",
    ]);
    expect(await faultsOf(manifests)).toEqual([]);
  });

  const everything = globSync("infra/kubernetes/*.yaml")
    .map((file) => readFileSync(file, "utf8"))
    .join("---\n");

  test.each([
    ["livenessProbe:", "livenesProbe:", /'livenesProbe' does not exist in type/],
    ["readinessProbe:", "readyProbe:", /'readyProbe' does not exist in type/],
    ["httpGet:", "httpget:", /'httpget' does not exist in type/],
    ["failureThreshold: 60", "failureTreshold: 60", /'failureTreshold' does not exist in type/],
    ["periodSeconds: 10", 'periodSeconds: "10"', /not assignable to type 'number'|must be integer/],
    ["periodSeconds: 10", "periodSeconds: 1.5", /periodSeconds must be integer|int32/],
    ["runAsNonRoot:", "runAsNonroot:", /'runAsNonroot' does not exist in type/],
    ["maxUnavailable: 1\n", "maxUnavailble: 1\n", /'maxUnavailble' does not exist in type/],
    ["averageUtilization:", "averageUtilisation:", /'averageUtilisation' does not exist in type/],
    ["podSelector:", "selector:", /'selector' does not exist in type|podSelector/],
    ["endPort:", "toPort:", /'toPort' does not exist in type/],
    ["kind: Service\n", "kind: Servise\n", /IServise|no Servise/],
    ["policy/v1", "policy/v1beta9", /policy\/v1beta9/],
    ["keyvaultName:", "keyVaultName:", /'keyVaultName' does not exist in type/],
    ["targetPort: http", "targetPort: [http]", /targetPort/],
  ])("with %s written as %s are refused", async (right, wrong, told) => {
    expect(everything).toContain(right);
    const faults = await faultsOf(readManifests(everything.replace(right, wrong))).catch((error: unknown) => [
      String(error),
    ]);
    expect(faults.join("\n")).toMatch(told);
  });

  test("with a key that stands twice are refused", () => {
    expect(() => readManifests("spec:\n  replicas: 1\n  replicas: 2\n")).toThrow("unique");
  });
});

describe("the deployment", () => {
  test("asks /health/live whether it lives and /health whether it is ready, at the port of the image", () => {
    const routes = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
      ({ httpGet }) => httpGet,
    );
    expect(routes).toEqual([
      { path: "/health/live", port: "http" },
      { path: "/health/live", port: "http" },
      { path: "/health", port: "http" },
    ]);
    for (const name of ["health", "health-live"]) expect(existsSync(`functions/system/${name}.ts`)).toBe(true);
    const dockerfile = readFileSync("Dockerfile", "utf8");
    expect(container.ports).toEqual([{ name: "http", containerPort: Number(/^EXPOSE (\d+)$/m.exec(dockerfile)?.[1]) }]);
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile) ?? [];
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user),
      runAsGroup: Number(group),
    });
  });

  test("may neither gain rights nor write, but where the host must", () => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const volumes = new Set(pod.volumes.map(({ name }: { name: string }) => name));
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  test("runs the version of package.json", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(path.basename(container.image)).toBe(`latchkey:${version}`);
  });

  test("has its secret from Key Vault by workload identity, and none in a manifest", () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain("Secret");
    expect(deployment["spec"].template.metadata.labels["azure.workload.identity/use"]).toBe("true");
    const account = the("ServiceAccount");
    expect(pod.serviceAccountName).toBe(account.metadata.name);
    const vault = the("SecretProviderClass");
    const { clientID, objects } = vault["spec"].parameters;
    expect(account.metadata.annotations?.["azure.workload.identity/client-id"]).toBe(clientID);
    const [{ secretName, data }] = vault["spec"].secretObjects;
    expect(container.envFrom).toEqual([
      { configMapRef: { name: the("ConfigMap").metadata.name } },
      { secretRef: { name: secretName } },
    ]);
    for (const { objectName, key } of data) {
      expect(settingNames).toContain(key);
      expect(objects).toContain(`objectName: ${objectName}\n`);
    }
    // The driver makes the secret while a pod mounts its volume.
    const volume = pod.volumes.find(({ csi }: { csi?: object }) => csi !== undefined);
    expect(volume.csi.volumeAttributes.secretProviderClass).toBe(vault.metadata.name);
    expect(container.volumeMounts.map(({ name }: { name: string }) => name)).toContain(volume.name);
  });

  test("has settings that production takes", () => {
    const { data } = the("ConfigMap") as unknown as { data: Record<string, string> };
    const ofTheHost = /^AzureWebJobsStorage__/;
    expect(Object.keys(data).filter((name) => !settingNames.includes(name) && !ofTheHost.test(name))).toEqual([]);
    const config = loadConfig({ ...data, SECRET_KEY: "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0xL" });
    expect([config.service.isSecure, config.database.server?.server]).toEqual([true, data["DB_SERVER"]]);
    expect(() => loadConfig(data)).toThrow("SECRET_KEY");
  });
});

describe("what is around the deployment", () => {
  test("finds its pods", () => {
    expect(deployment["spec"].selector.matchLabels).toEqual(labels);
    expect(deployment["spec"].template.metadata.labels).toMatchObject(labels);
    expect(the("Service")["spec"].selector).toEqual(labels);
    expect(the("PodDisruptionBudget")["spec"].selector.matchLabels).toEqual(labels);
    expect(the("NetworkPolicy")["spec"].podSelector.matchLabels).toEqual(labels);
    expect(the("Service")["spec"].ports).toEqual([{ name: "http", port: 80, targetPort: container.ports[0].name }]);
  });

  test("scales it, two at least, and nothing else says how many there are", () => {
    const { scaleTargetRef, minReplicas } = the("HorizontalPodAutoscaler")["spec"];
    const { apiVersion, kind, metadata } = deployment;
    expect(scaleTargetRef).toEqual({ apiVersion, kind, name: metadata.name });
    expect(minReplicas).toBeGreaterThanOrEqual(2);
    expect(deployment["spec"]).not.toHaveProperty("replicas");
    // Utilisation is counted from what is requested.
    expect(container.resources.requests.cpu).toBeDefined();
  });

  test("lets calls in from one namespace, to its port alone, and out to named ports alone", () => {
    const { policyTypes, ingress, egress } = the("NetworkPolicy")["spec"];
    expect(policyTypes).toEqual(["Ingress", "Egress"]);
    expect(ingress).toHaveLength(1);
    expect(ingress[0].ports).toEqual([{ protocol: "TCP", port: container.ports[0].name }]);
    expect(ingress[0].from[0].namespaceSelector.matchLabels).toHaveProperty(["kubernetes.io/metadata.name"]);
    for (const { ports } of egress) for (const { port } of ports) expect(port).toEqual(expect.any(Number));
  });
});
