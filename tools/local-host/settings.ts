import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { applyEdits, modify, parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import { oneLine } from "./failure.ts";
import type { HostJson } from "./host-json.ts";

const SETTINGS = "local.settings.json";
const EXAMPLE = "local.settings.example.json";
const DEFAULT_PORT = 7071;

/** Environment variables, which are read and added to. */
export type Environment = Record<string, string | undefined>;

interface SettingsFile {
  readonly IsEncrypted?: unknown;
  readonly Values?: unknown;
  readonly Host?: { readonly LocalHttpPort?: unknown };
}

/**
 * Copies the settings in `local.settings.json` into the environment, as Azure's tools do. The environment's own values
 * win; an empty value counts as absent on either side. A missing file is created from the example.
 * @returns the port to serve on, also set as `PORT`, and whether the file was created now
 * @throws Error saying in one line what is wrong with the file or the port
 */
export function loadSettings(
  root: string,
  environment: Environment = process.env,
): { readonly port: number; readonly isFileNew: boolean } {
  const isFileNew = createSettingsFile(root);
  const file = (readJsonFile(path.join(root, SETTINGS)) ?? {}) as SettingsFile;
  if (file.IsEncrypted === true) throw new Error(`${SETTINGS} is encrypted: run "func settings decrypt".`);
  const values = file.Values ?? {};
  if (!isObject(values)) throw new Error(`${SETTINGS}: Values must be an object.`);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "string") throw new Error(`${SETTINGS}: the value of ${name} must be a string in quotes.`);
    if (!environment[name] && value !== "") environment[name] = value;
  }
  return { port: takePort(environment, file.Host?.LocalHttpPort), isFileNew };
}

/**
 * Returns the port to serve on, and sets it as `PORT`, which the default issuer contains.
 * @param fallback used if the environment names none; 7071 unless given
 * @throws Error if it is not a port
 */
export function takePort(environment: Environment, fallback: unknown = DEFAULT_PORT): number {
  const port = readPort(environment["PORT"] || fallback);
  environment["PORT"] = String(port);
  return port;
}

/** Reads `host.json`. @throws Error saying in one line what is wrong with it */
export function loadHostJson(root: string): HostJson {
  const hostJson = readJsonFile(path.join(root, "host.json"));
  if (!hostJson) throw new Error(`There is no host.json in ${root}: start the service in its own folder.`);
  return hostJson;
}

/** Creates `local.settings.json`, readable only by its owner, with its own key. Leaves an existing file as it is. */
function createSettingsFile(root: string): boolean {
  const example = path.join(root, EXAMPLE);
  if (existsSync(path.join(root, SETTINGS)) || !existsSync(example)) return false;
  try {
    const text = readFileSync(example, "utf8");
    const edits = modify(text, ["Values", "SECRET_KEY"], randomBytes(48).toString("base64url"), {});
    return writeOnce(path.join(root, SETTINGS), applyEdits(text, edits));
  } catch (cause) {
    throw new Error(`${SETTINGS} cannot be created from ${EXAMPLE}: ${oneLine(cause)}`, { cause });
  }
}

/** Writes a whole file at once, unless another process was faster. @returns whether this one did */
function writeOnce(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (existsSync(file)) return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** Reads JSON with comments; `undefined` if there is no such file. */
function readJsonFile(file: string): object | undefined {
  const name = path.basename(file);
  if (!existsSync(file)) return undefined;
  const text = readText(file);
  const errors: ParseError[] = [];
  const content: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const lines = text.slice(0, first.offset).split("\n");
    const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
    throw new Error(`${name} is not valid JSON: ${printParseErrorCode(first.error)} at ${place}.`);
  }
  if (!isObject(content)) throw new Error(`${name} must hold a JSON object.`);
  return content;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readText(file: string): string {
  try {
    // Windows editors put a byte order mark at the start of a file.
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    throw new Error(`${path.basename(file)} cannot be read: ${oneLine(cause)}`, { cause });
  }
}

function readPort(value: unknown): number {
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : 0;
  if (port < 1 || port > 65_535)
    throw new Error("PORT (or LocalHttpPort in local.settings.json) must be a number from 1 to 65535.");
  return port;
}
