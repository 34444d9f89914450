import * as z from "zod";

/** A parameter of a URL that may wrongly come more than once: who reads it decides what then. */
export const parameter = z.union([z.string(), z.array(z.string())]).optional();

/** The parameters by which providers say that they send no code. */
export const errorParameters = {
  error: parameter,
  error_subcode: parameter,
  error_reason: parameter,
  error_code: parameter,
  error_description: parameter,
  error_message: parameter,
};
