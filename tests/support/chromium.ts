import { existsSync } from "node:fs";

/** Where Debian's package puts it, and where Google's own does. */
const places = ["/usr/bin/chromium", "/usr/bin/google-chrome"];

/** The browser that tests drive: the one that CHROMIUM names, else what is installed; undefined for none. */
export const chromiumPath = process.env["CHROMIUM"] ?? places.find((place) => existsSync(place));
