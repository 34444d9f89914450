resource profile 'Microsoft.Cdn/profiles@2024-09-01' = {
  name: 'profile'
  location: 'global'
  sku: { name: 'Standard_AzureFrontDoor' }
}

resource stranger 'Microsoft.Cdn/profiles@2024-09-01' existing = {
  name: 'stranger'
}

var apps = [
  { name: 'open', default: 'Allow', hops: '2' }
  { name: 'another', default: 'Deny', hops: '2' }
  { name: 'uncounted', default: 'Deny', hops: '1' }
  { name: 'good', default: 'Deny', hops: '2' }
]

resource sites 'Microsoft.Web/sites@2024-04-01' = [
  for app in apps: {
    name: app.name
    location: 'westeurope'
    properties: {
      siteConfig: {
        appSettings: [{ name: 'TRUSTED_PROXY_HOPS', value: app.hops }]
        ipSecurityRestrictionsDefaultAction: app.default
        ipSecurityRestrictions: [
          {
            priority: 100
            action: 'Allow'
            tag: 'ServiceTag'
            ipAddress: 'AzureFrontDoor.Backend'
            headers: {
              'x-azure-fdid': [app.name == 'another' ? stranger.properties.frontDoorId : profile.properties.frontDoorId]
            }
          }
        ]
      }
    }
  }
]

resource anyFrontDoor 'Microsoft.Web/sites@2024-04-01' = {
  name: 'any'
  location: 'westeurope'
  properties: {
    siteConfig: {
      appSettings: [{ name: 'TRUSTED_PROXY_HOPS', value: '2' }]
      ipSecurityRestrictionsDefaultAction: 'Deny'
      ipSecurityRestrictions: [
        { priority: 100, action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureFrontDoor.Backend' }
      ]
    }
  }
}
