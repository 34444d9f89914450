metadata description = 'The functions, on Flex Consumption.'

import { identityType, roles, tagsType } from 'conventions.bicep'

param name string
param planName string
@description('By which azd knows what to deploy to it.')
param service string
param location string
param tags tagsType
param isPrivate bool
param subnetId string
@description('The Front Door that alone may call the app, by the id that it puts on its calls; null: everybody may.')
param frontDoor { id: string }?
param identity identityType
param storageName string
param packages string
param runtime { node: string, memoryMB: int, most: int, alwaysReady: int }
param applicationInsightsConnection string
param vaultUri string
param settings { *: string }
@description('Setting: name of the secret that is its value.')
param vaultSettings { *: string }
@description('Of the identity that deploys packages, and nothing else; empty: whoever provisions deploys too.')
param deployerPrincipalId string

var storageUri = 'https://${storageName}.{0}.${environment().suffixes.storage}'

// The tag admits every Front Door, whosever it is; the header that it puts in says which.
var onlyFrontDoor = [
  {
    name: 'front-door'
    priority: 100
    action: 'Allow'
    tag: 'ServiceTag'
    ipAddress: 'AzureFrontDoor.Backend'
    headers: { 'x-azure-fdid': [frontDoor.?id ?? ''] }
  }
]

var platformSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  AzureWebJobsStorage__blobServiceUri: format(storageUri, 'blob')
  AzureWebJobsStorage__queueServiceUri: format(storageUri, 'queue')
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identity.clientId}'
  AZURE_CLIENT_ID: identity.clientId
}

var references = mapValues(
  vaultSettings,
  secretName => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${secretName})'
)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': service })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    virtualNetworkSubnetId: subnetId
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      runtime: { name: 'node', version: runtime.node }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packages
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: runtime.memoryMB
        maximumInstanceCount: runtime.most
        alwaysReady: runtime.alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: runtime.alwaysReady }]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      appSettings: map(
        items(union(settings, references, platformSettings)),
        setting => { name: setting.key, value: setting.value }
      )
      ipSecurityRestrictionsDefaultAction: frontDoor == null ? 'Allow' : 'Deny'
      ipSecurityRestrictions: frontDoor == null ? [] : onlyFrontDoor
      // Deploying needs a role, from wherever.
      scmIpSecurityRestrictionsUseMain: false
    }
  }

  // Passwords for deploying: no.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

resource deployer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  scope: app
  name: guid(app.id, deployerPrincipalId, roles.websiteContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.websiteContributor)
    principalId: deployerPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
