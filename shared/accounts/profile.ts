import { isUsername } from "./username.ts";

/** A name from outside, ready to store: cut to 100 characters; undefined if it cannot be shown. */
export function presentableName(text: string | undefined): string | undefined {
  const name = Array.from((text ?? "").trim())
    .slice(0, maxNameCharacters)
    .join("");
  return isUsername(name) ? name : undefined;
}

const maxNameCharacters = 100;
const maxPictureLength = 2000;

/** A picture's URL, ready to store: https only, because pages will load it; undefined otherwise. */
export function presentablePicture(text: string | undefined): string | undefined {
  const url = text === undefined || text.length > maxPictureLength ? null : URL.parse(text);
  return url?.protocol === "https:" && url.href.length <= maxPictureLength ? url.href : undefined;
}
