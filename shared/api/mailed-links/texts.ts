import type { Locale } from "../../platform/locale.ts";
import type { LinkTexts } from "./link-texts.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { zhHant } from "./zh-hant.ts";

/** The texts of each language. */
export const linkTexts: Readonly<Record<Locale, LinkTexts>> = { en, de, fr, es, "zh-Hant": zhHant };
