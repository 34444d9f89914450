param moment string = utcNow()

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-a--b'
  location: 'westeurope'
  properties: { tenantId: tenant().tenantId, sku: { family: 'A', name: 'standard' } }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-stem-0123456789-and-some-more'
  location: 'westeurope'
  properties: {}
}

resource everyTime 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  // What the rule must find although nobody heeds the linter.
  #disable-next-line use-stable-resource-identifiers
  name: 'account${moment}'
  location: 'westeurope'
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
}

resource everyDeployment 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${deployment().name}'
  location: 'westeurope'
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink${environment().suffixes.sqlServerHostname}'
  location: 'global'
}

resource unheardOf 'Microsoft.Cache/redis@2024-11-01' = {
  name: 'cache'
  location: 'westeurope'
  properties: { sku: { name: 'Basic', family: 'C', capacity: 0 } }
}
