// What runs beside an identity of Azure's, and what it is fed with.
import { describe, expect, test } from "vitest";
import { deploy, files, parse, read, stepsOf, type Job } from "../support/workflows.ts";

describe("15.8 a job that is somebody to Azure", () => {
  const { jobs } = parse(deploy);
  const somebody = Object.entries(jobs).filter(([, { permissions }]) => permissions?.["id-token"] === "write");
  /** Who makes what each of them runs. */
  const sources: Readonly<Record<string, string>> = {
    "what-if": "templates",
    provision: "templates",
    deploy: "bundle",
  };
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

  test.each(somebody)("%s takes what was made by nobody, verified first of all, and fetches nothing", (name, job) => {
    const from = sources[name] ?? "";
    const [download, verify, login, ...others] = stepsOf(job);
    expect(download?.uses).toMatch(/^actions\/download-artifact@/);
    expect(download?.with).toEqual({ name: from });
    expect(verify?.run).toBe(`echo "$SHA256  ${from}.tar" | sha256sum --check --strict\ntar -xf ${from}.tar\n`);
    expect(verify?.env).toEqual({ SHA256: `\${{ needs.${from}.outputs.sha256 }}` });
    expect(login?.uses).toMatch(/^azure\/login@/);
    expect(others.filter(({ uses }) => uses !== undefined)).toEqual([]);
    for (const run of runsOf(job))
      expect(run).not.toMatch(
        /\b(?:npm|npx|corepack|pip|apt|apt-get|wget|git|docker|azd|bicep|extension|upgrade|install)\b|\|\s*(?:ba)?sh\b/,
      );
    // The latest image of a runner is another one day.
    expect(job["runs-on"]).not.toContain("latest");
  });

  test.each([
    ["bundle", "npm run --silent bundle"],
    ["templates", "node tools/templates.ts"],
  ])("is handed what a job without identity has made and hashed: %s", (name, command) => {
    const job = jobs[name] ?? {};
    expect(job.permissions).toBeUndefined();
    expect(job.outputs).toEqual({ sha256: `\${{ steps.${name}.outputs.sha256 }}` });
    expect(runsOf(job).join("\n")).toContain(`sha256="$(${command})"`);
    expect(stepsOf(job).at(-1)?.with).toMatchObject({ name, path: `dist/${name}.tar` });
  });

  test("and may grant roles runs nothing that a package of npm has touched", () => {
    const [checkout, node, dotnet, make, upload, ...others] = stepsOf(jobs["templates"] ?? {});
    const actions = [checkout, node, dotnet, upload].map((step) => step?.uses?.split("@")[0]);
    expect(actions).toEqual([
      "actions/checkout",
      "actions/setup-node",
      "actions/setup-dotnet",
      "actions/upload-artifact",
    ]);
    expect(make?.run).not.toMatch(/\bnp[mx]\b/);
    expect(others).toEqual([]);
    expect(jobs["templates"]?.needs).toBeUndefined();
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
