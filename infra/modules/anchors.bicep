metadata description = 'Where the anchors of the audit log are kept besides the database: blobs that nobody can change or remove before their time, in an account of their own that survives the loss of a zone or a region.'

import { roles, tagsType } from 'conventions.bicep'

param name string
param location string
param tags tagsType
param isPrivate bool
param subnetId string
param workspaceId string
param identityName string
param identityPrincipalId string
param redundancy 'ZRS' | 'GRS' | 'GZRS'
@description('For how many days a blob stays as it is.')
param days int

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_${redundancy}' }
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
      bypass: 'None'
      virtualNetworkRules: isPrivate ? [] : [{ id: subnetId, action: 'Allow' }]
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource container 'containers' = {
      name: 'audit-anchors'
      properties: { publicAccess: 'None' }

      // Made once: a later deployment must not touch it, and could not once it is locked (docs/deployment.md).
      @onlyIfNotExists()
      resource policy 'immutabilityPolicies' = {
        name: 'default'
        properties: { immutabilityPeriodSinceCreationInDays: days, allowProtectedAppendWrites: false }
      }
    }
  }
}

// For the container: the role may not change its policy.
resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::container
  name: guid(account.id, identityName, roles.storageBlobDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::blobs
  name: 'changes'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

output id string = account.id
output containerUrl string = '${account.properties.primaryEndpoints.blob}${account::blobs::container.name}'
