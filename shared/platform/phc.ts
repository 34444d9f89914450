/**
 * The parameters of an Argon2 hash: the start of its PHC string with the fields in a fixed order,
 * `$argon2id$v=19$m=…,t=…,p=…`.
 * @returns undefined for any other text
 */
export function hashParameters(hash: string): string | undefined {
  const [, variant, version, written = ""] = phc.exec(hash) ?? [];
  const fields = new Map(written.split(",").map((field) => field.split("=") as [string, string]));
  const [memory, iterations, parallelism] = ["m", "t", "p"].map((name) => fields.get(name));
  if (memory === undefined || iterations === undefined || parallelism === undefined) return undefined;
  return `$${variant}$v=${version}$m=${memory},t=${iterations},p=${parallelism}`;
}

/** An Argon2 hash as a PHC string: variant, version, fields, salt, hash. */
const phc = /^\$(argon2(?:id|i|d))\$v=(\d{1,3})\$([a-z]=\d{1,10}(?:,[a-z]=\d{1,10}){2})\$[\w+/-]+\$[\w+/-]+$/;
