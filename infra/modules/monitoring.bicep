metadata description = 'Logs and metrics. Only Entra identities may write them.'

import { roles, tagsType } from 'conventions.bicep'

param stem string
param location string
param tags tagsType
param retentionDays int
param isPrivate bool
param identityName string
param identityPrincipalId string

var ingestion = isPrivate ? 'Disabled' : 'Enabled'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${stem}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
    publicNetworkAccessForIngestion: ingestion
    // People read them in the portal, with a role.
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${stem}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    publicNetworkAccessForIngestion: ingestion
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: applicationInsights
  name: guid(applicationInsights.id, identityName, roles.monitoringMetricsPublisher)
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource scope 'Microsoft.Insights/privateLinkScopes@2021-07-01-preview' = if (isPrivate) {
  name: 'ampls-${stem}'
  location: 'global'
  tags: tags
  properties: {
    accessModeSettings: { ingestionAccessMode: 'PrivateOnly', queryAccessMode: 'Open' }
  }

  resource logs 'scopedResources' = {
    name: 'logs'
    properties: { linkedResourceId: workspace.id }
  }

  resource metrics 'scopedResources' = {
    name: 'metrics'
    properties: { linkedResourceId: applicationInsights.id }
  }
}

output workspaceId string = workspace.id
output applicationInsightsId string = applicationInsights.id
@description('No secret: with local authentication off, its key opens nothing.')
output applicationInsightsConnection string = applicationInsights.properties.ConnectionString
output privateLinkScopeId string = isPrivate ? scope.id : ''
