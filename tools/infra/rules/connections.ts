import { about, at, ofType, type Deployment, type Resource } from "./resources.ts";
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

/**
 * The maximum number of instances of all apps, with all their connections, must stay within 80 % of what the database
 * allows.
 */
export function enoughConnections(deployment: Deployment): string[] {
  const apps = ofType(deployment, "Microsoft.Web/sites");
  return ofType(deployment, "Microsoft.Sql/servers/databases").flatMap((database) => {
    const admitted = 0.8 * (workers[String(at(database, "sku.name"))] ?? 0);
    const most = apps.map(connectionsOf).reduce((sum, count) => sum + count, 0);
    return most <= admitted ? [] : [about(database, `allows ${admitted} connections, but up to ${most} may be opened`)];
  });
}

function connectionsOf(app: Resource): number {
  const instances = at(app, "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount");
  return Number(instances) * Number(settingsOf(app).get("DB_POOL_MAX"));
}
