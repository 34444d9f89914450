import { sections } from "../../shared/config.ts";
import { settingsOf } from "../../shared/platform/settings/read.ts";
import type { Section, Setting } from "../../shared/platform/settings/section.ts";

/** `local.settings.example.json`, from the declarations: every setting with its default, or empty. */
export function exampleSettings(): string {
  const host = `    // docs/settings.md explains each of them.\n    "FUNCTIONS_WORKER_RUNTIME": "node",`;
  const values = Object.values(sections).map(sectionLines).join("\n").replace(/,$/, "");
  return `{
  "IsEncrypted": false,
  "Values": {
${host}
${values}
  },
  "Host": {
    "LocalHttpPort": ${sections.service.settings.port.default}
  }
}
`;
}

function sectionLines(section: Section): string {
  return [`    // ${section.title}`, ...settingsOf({ section }).map(line)].join("\n");
}

function line({ name, default: fallback = "", example = fallback }: Setting): string {
  return `    ${JSON.stringify(name)}: ${JSON.stringify(example)},`;
}
