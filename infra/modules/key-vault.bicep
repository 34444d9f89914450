metadata description = 'The secrets of the service. Entra roles decide who reads them.'

import { roles, tagsType } from 'conventions.bicep'

param name string
param location string
param tags tagsType
param isPrivate bool
param subnetId string
param workspaceId string
param identityName string
param identityPrincipalId string
@secure()
param secretKey string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      // Azure Resource Manager, which writes the secret below; it is the caller's rights that count.
      bypass: 'AzureServices'
      virtualNetworkRules: isPrivate ? [] : [{ id: subnetId }]
    }
  }
}

// A new value would make the sealed signing keys unreadable and every session's refresh token unknown: it is written once.
@onlyIfNotExists()
resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'secret-key'
  tags: tags
  properties: {
    value: secretKey
    contentType: 'SECRET_KEY of Latchkey'
  }
}

// For the vault, not for one secret: those of social providers lie beside it, and nothing else does.
resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identityName, roles.keyVaultSecretsUser)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

output id string = vault.id
output name string = vault.name
output uri string = vault.properties.vaultUri
@description('The name, not the value.')
output secretKeyName string = secret.name
