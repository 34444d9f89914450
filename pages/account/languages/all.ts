import type { Locale } from "../../../shared/platform/locale.ts";
import { de } from "./de.ts";
import { en, type Words } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { zhHant } from "./zh-hant.ts";

/** The texts of the page, by language. */
export const languages: Readonly<Record<Locale, Words>> = { en, de, fr, es, "zh-Hant": zhHant };
