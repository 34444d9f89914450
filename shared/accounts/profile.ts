import { isUsername } from "./username.ts";

const maxNameCharacters = 100;
const maxPictureLength = 2000;

/** A name from an outside source, as it may be kept: cut to 100 characters; undefined for one that cannot be shown. */
export function presentableName(text: string | undefined): string | undefined {
  const name = Array.from((text ?? "").trim())
    .slice(0, maxNameCharacters)
    .join("");
  return isUsername(name) ? name : undefined;
}

/** The URL of a picture, as it may be kept: https only, because pages will show it; undefined for any other. */
export function presentablePicture(text: string | undefined): string | undefined {
  const url = text === undefined || text.length > maxPictureLength ? null : URL.parse(text);
  return url?.protocol === "https:" && url.href.length <= maxPictureLength ? url.href : undefined;
}
