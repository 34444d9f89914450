resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'near'
  location: 'westeurope'

  resource trust 'federatedIdentityCredentials' = {
    name: 'any-branch'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: 'repo:owner/repository:ref:refs/heads/anything'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource asker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'anybody'
  location: 'westeurope'

  resource trust 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: 'repo:owner/repository:pull_request'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource readsAll 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid('reads-all')
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'acdd72a7-3385-48ef-bd42-f606fba81ae7'
    )
    principalId: asker.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource almost 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid('almost')
  properties: {
    roleName: 'Reads the logs of Application Insights'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: ['*/read']
        notActions: [
          'Microsoft.Insights/logs/*'
          'Microsoft.OperationalInsights/workspaces/query/*'
          'Microsoft.OperationalInsights/workspaces/tables/query/*'
          'Microsoft.Web/sites/functions/*/read'
          'Microsoft.Web/sites/hostruntime/*'
        ]
      }
    ]
  }
}

var administrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'
var onlyReader = '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {acdd72a7-3385-48ef-bd42-f606fba81ae7}))'

resource unbound 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in [
    { seed: 'owner', role: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', condition: null }
    { seed: 'unbound', role: administrator, condition: null }
    { seed: 'half', role: administrator, condition: onlyReader }
  ]: {
    name: guid(grant.seed)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      condition: grant.condition
      conditionVersion: grant.condition == null ? null : '2.0'
    }
  }
]

resource definition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid('definition')
  properties: {
    roleName: 'Too much'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: ['*', 'Microsoft.Authorization/roleAssignments/write']
        dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action']
      }
    ]
  }
}
