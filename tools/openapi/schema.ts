import * as z from "zod";
import type { JsonSchema } from "../../shared/http/formats/format.ts";

/** A JSON value of the document. */
export type Schema = Record<string, unknown>;

/** A schema of ours as the document has it. @param io what is sent to the service, or what it answers */
export function toSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return rest;
}
