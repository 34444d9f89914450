resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'account'
  location: 'westeurope'
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: { allowSharedKeyAccess: true, allowBlobPublicAccess: true }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'insights'
  location: 'westeurope'
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: workspace.id }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'workspace'
  location: 'westeurope'
}

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' = {
  name: 'communication'
  location: 'global'
  properties: { dataLocation: 'Europe' }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'vault'
  location: 'westeurope'
  properties: { tenantId: tenant().tenantId, sku: { family: 'A', name: 'standard' }, accessPolicies: [] }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'app'
  location: 'westeurope'
  properties: {
    siteConfig: {
      appSettings: [
        {
          name: 'AzureWebJobsStorage'
          value: 'DefaultEndpointsProtocol=https;AccountName=account;AccountKey=${account.listKeys().keys[0].value}'
        }
      ]
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: true }
  }
}

@secure()
param password string = newGuid()

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  name: 'server'
  location: 'westeurope'
  properties: {
    administratorLogin: 'sa'
    administratorLoginPassword: password
    administrators: { administratorType: 'ActiveDirectory', azureADOnlyAuthentication: false }
  }
}
