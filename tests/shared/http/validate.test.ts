import { describe, expect, test } from "vitest";
import * as z from "zod";
import { validate } from "../../../shared/http/validate.ts";
import { ApiError } from "../../../shared/platform/errors/api-error.ts";

const schema = z.strictObject({
  name: z.string(),
  list: z.array(z.object({ id: z.string() })).optional(),
  inner: z.object({ count: z.number(), members: z.object({}) }).optional(),
});

/** What is said of each field. */
function faultsOf(value: unknown): unknown {
  try {
    return validate(value, schema);
  } catch (error) {
    return error instanceof ApiError ? error.options.details?.["fields"] : error;
  }
}

describe("a field is told", () => {
  test.each([
    ["that is missing", {}, [{ field: "name", message: "is required" }]],
    ["of another kind", { name: 1 }, [{ field: "name", message: "must be a string" }]],
    [
      "within another, missing or of another kind",
      { name: "a", inner: { count: "1" } },
      [
        { field: "inner.count", message: "must be a number" },
        { field: "inner.members", message: "is required" },
      ],
    ],
    ["with the article of its kind", { name: "a", inner: [] }, [{ field: "inner", message: "must be an object" }]],
    [
      "in a list",
      { name: "a", list: [{ id: 1 }, {}] },
      [
        { field: "list.0.id", message: "must be a string" },
        { field: "list.1.id", message: "is required" },
      ],
    ],
    [
      "in something that is no object",
      { name: "a", list: [null] },
      [{ field: "list.0", message: "must be an object" }],
    ],
  ])("%s", (_what, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
  });
});
