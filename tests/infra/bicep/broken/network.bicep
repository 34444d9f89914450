var elsewhere = resourceId('Microsoft.Network/virtualNetworks/subnets', 'network', 'elsewhere')
var own = resourceId('Microsoft.Network/virtualNetworks/subnets', 'network', 'app')

resource lost 'Microsoft.Web/sites@2024-04-01' = {
  name: 'lost'
  location: 'westeurope'
  properties: {}
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'app'
  location: 'westeurope'
  properties: { virtualNetworkSubnetId: own, publicNetworkAccess: 'Enabled' }
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'account'
  location: 'westeurope'
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    networkAcls: { defaultAction: 'Allow', ipRules: [{ value: '203.0.113.7' }], virtualNetworkRules: [{ id: own }] }
  }

  resource queueService 'queueServices' = {
    name: 'default'
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'vault'
  location: 'westeurope'
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    networkAcls: { defaultAction: 'Deny', virtualNetworkRules: [{ id: own }, { id: elsewhere }] }
  }
}

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  name: 'server'
  location: 'westeurope'
  properties: {}

  resource azure 'firewallRules' = {
    name: 'azure'
    properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
  }
}

// Leads to one of the two parts that the app needs.
resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: 'endpoint'
  location: 'westeurope'
  properties: {
    subnet: { id: elsewhere }
    privateLinkServiceConnections: [
      { name: 'blob', properties: { privateLinkServiceId: account.id, groupIds: ['blob'] } }
    ]
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'workspace'
  location: 'westeurope'
  properties: { publicNetworkAccessForIngestion: 'Enabled' }
}

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'address'
  location: 'westeurope'
}
