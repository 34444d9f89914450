import { at } from "./resources.ts";

/** A compiled template, as JSON: what snapshots leave out stands in it. */
export type Template = Readonly<Record<string, unknown>>;

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly declaration: unknown;
}

/** All that a template and its modules declare. */
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

/** A secret whose value is made anew by each deployment is written once: another SECRET_KEY signs everybody out. */
export function secretsWrittenOnce(template: Template): string[] {
  return declared(template)
    .filter(({ type }) => type === "Microsoft.KeyVault/vaults/secrets")
    .filter(({ declaration }) => at(declaration, "@options.onlyIfNotExists") === undefined)
    .map(({ name }) => `Microsoft.KeyVault/vaults/secrets ${name}: is written by every deployment`);
}

/** No output holds a secret: outputs stay in the deployment history, for everyone who may read it. */
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
      .map(([name]) => `output ${name}: holds a secret`);
  });
}

/** azd puts outputs into its environment, where the Azure libraries would take these for whom to sign in as. */
export function noIdentityOutput(template: Template): string[] {
  return Object.keys(at(template, "outputs") ?? {})
    .filter((name) => /^AZURE_(?:CLIENT|TENANT|FEDERATED|USERNAME|AUTHORITY|TOKEN)/.test(name))
    .map((name) => `output ${name}: would change who signs in`);
}

function nested(template: unknown): unknown[] {
  return declared(template).flatMap(({ declaration }) => modulesOf(declaration));
}
