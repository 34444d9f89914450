import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { TotpSecrets } from "./secrets.ts";
import type { MfaQueries } from "./tables.ts";

/** What is done with all factors every night; part of the store. */
export function createTotpNightlyQueries(db: MfaQueries, secrets: TotpSecrets) {
  return {
    /**
     * Seals up to `limit` secrets with the present key that the previous one has sealed, which is soon forgotten.
     * @returns how many; fewer than `limit` once none is left that it opens
     */
    async sealAnew(limit: number): Promise<number> {
      const { previousMark } = secrets;
      if (!previousMark) return 0;
      const old = db
        .selectFrom("totp_factors")
        .select(["id", "sealed_secret"])
        .where("key_mark", "=", previousMark)
        .orderBy("id")
        .limit(limit);
      let done = 0;
      // A secret that does not open stays as it is, and must not keep the others from being sealed.
      for (let page = await old.execute(); page.length > 0 && done < limit;) {
        for (const { id, sealed_secret: sealed } of page) {
          const secret = secrets.open(id, sealed);
          if (secret === undefined) continue;
          await seal.later(db, { id, ...secrets.seal(id, secret) });
          done += 1;
        }
        page = await old.where("id", ">", page.at(-1)?.id ?? "").execute();
      }
      return done;
    },

    /** Removes up to `limit` factors that were begun before `until`, an hour ago or more, and never confirmed. @returns how many */
    async purge(limit: number, until: Date): Promise<number> {
      const left = db
        .selectFrom("totp_factors")
        .select("id")
        .where("confirmed_at", "is", null)
        .where("created_at", "<=", until)
        .orderBy("created_at")
        .limit(limit);
      return (await db.deleteFrom("totp_factors").where("id", "in", left).returning("id").execute()).length;
    },
  };
}

const seal = prepared((db: MfaQueries, param: ParameterOf<{ id: string; sealed: Buffer; keyMark: Buffer }>) =>
  db
    .updateTable("totp_factors")
    .set({ sealed_secret: param("sealed"), key_mark: param("keyMark") })
    .where("id", "=", param("id")),
);
