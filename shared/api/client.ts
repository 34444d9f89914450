import * as z from "zod";

/** How a client names itself in a form; the gate for clients reads them. */
export const clientParameters = {
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
};
