import * as z from "zod";
import { anchorType, mostHeads, rootOf, type Anchor } from "./anchor.ts";

/** What is wrong with an anchor. The message says it in one line. */
export class AnchorFault extends Error {
  override readonly name = "AnchorFault";
}

/** The header of an anchor's JWS. */
export interface AnchorHeader {
  readonly alg: "RS256" | "ES256" | "EdDSA" | "HS256";
  readonly typ: typeof anchorType;
  /** The key that signed; none with HS256. */
  readonly kid?: string | undefined;
  /** Its public part: it may have left the service's key set long ago. Whoever trusts it compares its thumbprint. */
  readonly jwk?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Takes an anchor apart, without verifying who signed it: form, order, root. Linear in its length.
 * @throws AnchorFault
 */
export function readAnchor(jws: string): { readonly header: AnchorHeader; readonly anchor: Anchor } {
  if (jws.length > mostCharacters) throw new AnchorFault("is longer than an anchor can be");
  const parts = jws.split(".", 4);
  const [protectedPart = "", payload = ""] = parts;
  if (parts.length !== 3) throw new AnchorFault("is not a compact JWS");
  const header = parse(headerSchema, textOf(protectedPart), "header");
  const text = textOf(payload);
  const anchor = parse(anchorSchema, text, "payload");
  if (JSON.stringify(anchor) !== text) throw new AnchorFault("its payload is not in canonical form (RFC 8785)");
  for (const [place, { chain }] of anchor.heads.entries())
    if (place > 0 && chain <= (anchor.heads[place - 1]?.chain ?? "")) throw new AnchorFault("its heads are not sorted");
  if (rootOf(anchor.heads) !== anchor.root) throw new AnchorFault("its root is not that of its heads");
  return { header, anchor };
}

/** 10,000 heads in base64url take 1.9 MB; a header less than 10 kB. */
const mostCharacters = 4_000_000;

const base64url32 = z.string().regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/);
const chain = z.string().regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
const time = z.string().refine((text) => {
  const instant = new Date(text);
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === text;
});

/** A head, as an anchor may have it. */
export const headSchema = z.strictObject({
  chain,
  count: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  hash: base64url32,
});

/** The order of members is that of RFC 8785, which zod keeps. */
const anchorSchema = z.strictObject({
  heads: z.array(headSchema).max(mostHeads),
  number: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  previous: base64url32.nullable(),
  pruned: time.refine((text) => text.endsWith("T00:00:00.000Z")).nullable(),
  root: base64url32,
  time,
});

/** Of the JWK, no member of a private or shared key is taken. */
const headerSchema = z.strictObject({
  alg: z.enum(["RS256", "ES256", "EdDSA", "HS256"]),
  typ: z.literal(anchorType),
  kid: z
    .string()
    .regex(/^[\w.-]{1,200}$/)
    .optional(),
  jwk: z
    .record(z.string(), z.unknown())
    .refine((jwk) => !["d", "k", "p", "q", "dp", "dq", "qi"].some((name) => Object.hasOwn(jwk, name)))
    .optional(),
});

function parse<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AnchorFault(`its ${what} is not JSON`, { cause: error });
  }
  const { data, error } = schema.safeParse(value);
  if (data === undefined) throw new AnchorFault(`its ${what} is not that of an anchor: ${placeOf(error)}`);
  return data;
}

function placeOf(error: z.ZodError | undefined): string {
  return error?.issues[0]?.path.map(String).join(".") ?? "";
}

/** The text of a part. What decodes from another spelling of the same bytes is refused. */
function textOf(part: string): string {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new AnchorFault("is not base64url");
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) throw new AnchorFault("is not UTF-8");
  return text;
}
