targetScope = 'subscription'

metadata description = 'Who a pipeline is to Azure: an identity that provisions, one that deploys, one that only asks. Deployed once, by an owner of the subscription; docs/deployment.md says how.'

import { roles, stemOf } from 'modules/conventions.bicep'

@description('The environmentName of main.bicep.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The location of main.bicep.')
@minLength(1)
param location string

@description('The resourceGroupName of main.bicep. It is made here, so that rights end at it.')
@minLength(1)
@maxLength(90)
param resourceGroupName string = 'rg-${stemOf(environmentName, uniqueString(subscription().id, environmentName, location))}'

@description('Whose workflows Azure trusts: OWNER/REPOSITORY at GitHub.')
@minLength(3)
param repository string

var stem = stemOf(environmentName, uniqueString(subscription().id, environmentName, location))

// To each the one place that it may run at. The environments of GitHub must take the branch main alone.
var identities = {
  provision: { name: 'id-provision-${stem}', subject: 'environment:provisioning' }
  deploy: { name: 'id-deploy-${stem}', subject: 'environment:production' }
  preview: { name: 'id-preview-${stem}', subject: 'pull_request' }
}

@onlyIfNotExists()
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: resourceGroupName
  location: location
}

// Out of reach of all three: whoever could change an identity would be it.
resource apart 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-pipeline-${stem}'
  location: location
}

module provisioner 'modules/pipeline-identity.bicep' = {
  scope: apart
  params: {
    name: identities.provision.name
    location: location
    subject: 'repo:${repository}:${identities.provision.subject}'
  }
}

module deployer 'modules/pipeline-identity.bicep' = {
  scope: apart
  params: {
    name: identities.deploy.name
    location: location
    subject: 'repo:${repository}:${identities.deploy.subject}'
  }
}

module asker 'modules/pipeline-identity.bicep' = {
  scope: apart
  params: {
    name: identities.preview.name
    location: location
    subject: 'repo:${repository}:${identities.preview.subject}'
  }
}

// What a deployment of subscription scope needs outside its group. Nothing can be made with it alone.
resource provisioning 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, stem, 'provisioning')
  properties: {
    roleName: 'Latchkey provisioning ${stem}'
    description: 'Deploys a template of subscription scope, whose resources need rights of their own.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          '*/register/action'
          'Microsoft.Resources/deployments/*'
          'Microsoft.Resources/subscriptions/providers/read'
          'Microsoft.Resources/subscriptions/read'
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Resources/subscriptions/resourceGroups/write'
        ]
      }
    ]
  }
}

resource asking 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, stem, 'asking')
  properties: {
    roleName: 'Latchkey what-if ${stem}'
    description: 'Asks what a deployment would change.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Resources/deployments/validate/action'
          'Microsoft.Resources/deployments/whatIf/action'
          'Microsoft.Resources/subscriptions/operationresults/read'
          'Microsoft.Resources/subscriptions/read'
          'Microsoft.Resources/subscriptions/resourceGroups/read'
        ]
      }
    ]
  }
}

// What is set up, and nothing of what it holds: any pull request of this repository may use it. Reader would read logs and keys of the host.
resource looking 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, stem, 'looking')
  properties: {
    roleName: 'Latchkey resources without their logs ${stem}'
    description: 'Reads resources, but no logs and no keys.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: ['*/read']
        // https://learn.microsoft.com/azure/role-based-access-control/permissions/monitor
        notActions: [
          'Microsoft.Insights/components/*/read'
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

resource opening 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, stem, 'opening')
  properties: {
    roleName: 'Latchkey firewall of the database ${stem}'
    description: 'Admits an address to a server, and shuts it out again.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Sql/servers/firewallRules/delete'
          'Microsoft.Sql/servers/firewallRules/read'
          'Microsoft.Sql/servers/firewallRules/write'
          'Microsoft.Sql/servers/read'
        ]
      }
    ]
  }
}

resource mayProvision 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, identities.provision.name, provisioning.id)
  properties: {
    roleDefinitionId: provisioning.id
    principalId: provisioner.outputs.principalId
    principalType: 'ServicePrincipal'
  }
}

resource mayAsk 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, identities.preview.name, asking.id)
  properties: { roleDefinitionId: asking.id, principalId: asker.outputs.principalId, principalType: 'ServicePrincipal' }
}

module rights 'modules/pipeline-rights.bicep' = {
  scope: group
  params: {
    names: {
      provisioner: identities.provision.name
      deployer: identities.deploy.name
      asker: identities.preview.name
    }
    provisionerPrincipalId: provisioner.outputs.principalId
    deployerPrincipalId: deployer.outputs.principalId
    askerPrincipalId: asker.outputs.principalId
    openingRole: opening.name
    lookingRole: looking.name
    grantable: map(items(roles), role => role.value)
  }
}

// The variables of the repository, by their names.
output AZURE_PROVISION_CLIENT_ID string = provisioner.outputs.clientId
output AZURE_DEPLOY_CLIENT_ID string = deployer.outputs.clientId
output AZURE_PREVIEW_CLIENT_ID string = asker.outputs.clientId
output LATCHKEY_DEPLOYER_ID string = deployer.outputs.principalId
