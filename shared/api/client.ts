import * as z from "zod";

/** The form parameters with which a client identifies itself; the client gate reads them. */
export const clientParameters = {
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
};
