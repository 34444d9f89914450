import { inflateSync } from "node:zlib";
import type { Tables } from "../../shared/sessions/tables.ts";
import { claimsOf } from "./clients.ts";
import { refreshed, type Device } from "./people.ts";
import type { TestService } from "./service.ts";

/** Reads a service's lists of ended tokens, and puts sessions where a test wants them. */
export function statusLists({ api, services }: TestService) {
  const db = services.database.queries.withTables<Tables>();
  return {
    /** The list at this path, with what it says at a place. @throws Error when there is none */
    async fetchList(path: string) {
      const { status, json: token } = await api.get(path);
      if (status !== 200) throw new Error(`${path} answers ${status}`);
      const { sub, status_list: list } = claimsOf(token);
      const bytes = inflateSync(Buffer.from(list.lst, "base64url"));
      const bit = (index: number) => ((bytes[index >> 3] ?? Number.NaN) >> (index & 7)) & 1;
      return { token: token as string, sub: sub as string, bytes, bit };
    },

    /** Makes the session of a device one that a release of before there were shards has begun. */
    async beganBefore({ accessToken }: Device): Promise<void> {
      const { sid } = claimsOf(accessToken);
      await db.updateTable("sessions").set({ authenticated_at: null }).where("id", "=", sid).execute();
    },

    /** Gives a device's session another place. @returns the device with its next tokens */
    async moveTo(device: Device, index: number): Promise<Device> {
      const { sid } = claimsOf(device.accessToken);
      await db.updateTable("sessions").set({ status_index: index }).where("id", "=", sid).execute();
      return refreshed(api, device);
    },
  };
}
