import * as z from "zod";

/** A URL parameter that may be repeated by mistake; its reader decides what happens then. */
export const parameter = z.union([z.string(), z.array(z.string())]).optional();

/** The parameters by which providers report an error. */
export const errorParameters = {
  error: parameter,
  error_subcode: parameter,
  error_reason: parameter,
  error_code: parameter,
  error_description: parameter,
  error_message: parameter,
};
