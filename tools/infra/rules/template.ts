import { at } from "./resources.ts";

/** A compiled template as JSON, which also has what snapshots leave out. */
export type Template = Readonly<Record<string, unknown>>;

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly declaration: unknown;
}

/** Everything that a template and its modules declare. */
function declared(template: unknown): Declared[] {
  const resources = Object.values(at(template, "resources") ?? {}) as unknown[];
  const own = resources.map((declaration) => ({
    type: String(at(declaration, "type")),
    name: String(at(declaration, "name")),
    declaration,
  }));
  return [...own, ...resources.flatMap(modulesOf).flatMap(declared)];
}

/** The template within a module's declaration. */
function modulesOf(declaration: unknown): unknown[] {
  const inner = at(declaration, "properties.template");
  return inner === undefined ? [] : [inner];
}

/** A secret that every deployment generates must be written only once: a new SECRET_KEY would sign everyone out. */
export function secretsWrittenOnce(template: Template): string[] {
  return declared(template)
    .filter(({ type }) => type === "Microsoft.KeyVault/vaults/secrets")
    .filter(({ declaration }) => at(declaration, "@options.onlyIfNotExists") === undefined)
    .map(({ name }) => `Microsoft.KeyVault/vaults/secrets ${name}: is written by every deployment`);
}

/** No output may contain a secret: outputs stay in the deployment history, for everyone who may read it. */
export function noSecretOutput(template: Template): string[] {
  const templates = [template, ...nested(template)];
  return templates.flatMap((one) => {
    const parameters = (at(one, "parameters") ?? {}) as Record<string, unknown>;
    const secret = Object.keys(parameters).filter((name) => /^secure/i.test(String(at(parameters[name], "type"))));
    return Object.entries((at(one, "outputs") ?? {}) as Record<string, unknown>)
      .filter(([, output]) => {
        const text = JSON.stringify(output);
        const passesOn = secret.some((name) => text.includes(`parameters('${name}')`));
        return passesOn || /"secure|\blist\w*\(|\bgetSecret\(|newGuid\(/i.test(text);
      })
      .map(([name]) => `output ${name}: contains a secret`);
  });
}

/** azd copies outputs to its environment, where Azure's libraries would use these to choose who signs in. */
export function noIdentityOutput(template: Template): string[] {
  return Object.keys(at(template, "outputs") ?? {})
    .filter((name) => /^AZURE_(?:CLIENT|TENANT|FEDERATED|USERNAME|AUTHORITY|TOKEN)/.test(name))
    .map((name) => `output ${name}: would change who signs in`);
}

function nested(template: unknown): unknown[] {
  return declared(template).flatMap(({ declaration }) => modulesOf(declaration));
}
