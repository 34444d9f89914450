resource database 'Microsoft.Sql/servers/databases@2023-08-01' = {
  name: 'server/latchkey'
  location: 'westeurope'
  sku: { name: 'S1' }
}

resource sites 'Microsoft.Web/sites@2024-04-01' = [
  for app in ['blue', 'green']: {
    name: app
    location: 'westeurope'
    properties: {
      functionAppConfig: { scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 } }
      siteConfig: { appSettings: [{ name: 'DB_POOL_MAX', value: '1' }] }
    }
  }
]
