var settings = {
  ENVIRONMENT: 'development'
  SECRET_KEY: 'short'
  FUNCTIONS_WORKER_RUNTIME: 'node'
  BODY_LIMIT_KIBB: '64'
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'app'
  location: 'westeurope'
  identity: { type: 'SystemAssigned' }
  properties: {
    siteConfig: {
      linuxFxVersion: 'NODE|22'
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
    }
  }
}
