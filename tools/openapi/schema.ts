import * as z from "zod";
import type { JsonSchema } from "../../shared/http/formats/format.ts";

/** A JSON value of the document. */
export type Schema = Record<string, unknown>;

/** Converts a schema for the document. @param io whether it is sent to the service or by it */
export function toSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return rest;
}
