import { hash } from "node:crypto";

/**
 * The subject of a token that proves an address without regard to who has it: the same for every mail, so that a new one
 * ends the one before. It is a UUIDv8 like every id, and no row has it.
 */
export function subjectOfAddress(emailNormalised: string): string {
  const hex = hash("sha256", `address ${emailNormalised}`);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
