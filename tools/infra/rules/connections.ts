import { about, at, ofType, type Deployment } from "./resources.ts";
import { settingsOf } from "./settings.ts";

/** How many statements a database runs at once: docs/database.md. */
const workers: Readonly<Record<string, number>> = {
  GP_S_Gen5_1: 75,
  GP_S_Gen5_2: 150,
  GP_S_Gen5_4: 300,
  S1: 90,
  S2: 120,
  S3: 200,
  GP_Gen5_2: 200,
  GP_Gen5_4: 400,
};

/** As many instances as may run at once, with all their connections, stay within 80 % of what the database admits. */
export function enoughConnections(deployment: Deployment): string[] {
  const [database] = ofType(deployment, "Microsoft.Sql/servers/databases");
  const admitted = 0.8 * (workers[String(at(database, "sku.name"))] ?? 0);
  return ofType(deployment, "Microsoft.Web/sites").flatMap((app) => {
    const instances = Number(at(app, "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount"));
    const most = instances * Number(settingsOf(app).get("DB_POOL_MAX"));
    return most <= admitted
      ? []
      : [about(app, `opens up to ${most} connections, of which the database admits ${admitted}`)];
  });
}
