metadata description = 'Storage of the functions host: packages, locks, keys and queues. It has no shared keys.'

import { roles, tagsType } from 'conventions.bicep'

param name string
param location string
param tags tagsType
@description('What packages are deployed to, one for each app.')
param containers string[]
@description('The queues of the service. Poison queues are made by the host.')
param queues string[]
@description('Whether Event Grid may write to a queue through the firewall, by an identity with a role.')
param takesEvents bool
param isPrivate bool
param subnetId string
param workspaceId string
param identityName string
param identityPrincipalId string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      // Event Grid has no addresses of its own: https://learn.microsoft.com/azure/event-grid/handler-storage-queues
      bypass: takesEvents ? 'AzureServices' : 'None'
      virtualNetworkRules: isPrivate ? [] : [{ id: subnetId, action: 'Allow' }]
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = [
      for container in containers: {
        name: container
        properties: { publicAccess: 'None' }
      }
    ]
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource queue 'queues' = [for queue in queues: { name: queue }]
  }
}

// The host makes containers of its own and leases blobs in them, so the roles are for the account; it holds nothing else.
resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.storageBlobDataOwner, roles.storageQueueDataContributor]: {
    scope: account
    name: guid(account.id, identityName, role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: identityPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource queueLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::queueService
  name: 'writes'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageWrite', enabled: true }]
  }
}

output id string = account.id
output name string = account.name
output blobs string = account.properties.primaryEndpoints.blob
