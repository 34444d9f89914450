metadata description = 'What the identities of a pipeline may do in the resource group of Latchkey.'

@description('Their names, which are known beforehand.')
param names { provisioner: string, deployer: string, asker: string }
param provisionerPrincipalId string
param deployerPrincipalId string
param askerPrincipalId string
@description('The role that opens the firewall of the database, by its GUID.')
param openingRole string
@description('The role that reads resources, but no logs, by its GUID.')
param lookingRole string
@description('The roles that main.bicep grants: others the provisioning identity cannot give to anybody.')
param grantable string[]

// https://learn.microsoft.com/azure/role-based-access-control/conditions-format
var ofGrant = '{0}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{${join(grantable, ', ')}}} AND {0}[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{\'ServicePrincipal\'}}'
var onlyGrantable = join(
  map(
    [{ action: 'write', attribute: '@Request' }, { action: 'delete', attribute: '@Resource' }],
    it =>
      '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/${it.action}\'})) OR (${format(ofGrant, it.attribute)}))'
  ),
  ' AND '
)

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
var reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
var accessAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'

var principals = {
  provisioner: provisionerPrincipalId
  deployer: deployerPrincipalId
  asker: askerPrincipalId
}

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in [
    { to: 'provisioner', role: contributor }
    { to: 'deployer', role: reader }
    { to: 'deployer', role: openingRole }
    { to: 'asker', role: lookingRole }
  ]: {
    name: guid(resourceGroup().id, names[grant.to], grant.role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: principals[grant.to]
      principalType: 'ServicePrincipal'
    }
  }
]

resource mayGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, names.provisioner, accessAdministrator)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', accessAdministrator)
    principalId: provisionerPrincipalId
    principalType: 'ServicePrincipal'
    condition: onlyGrantable
    conditionVersion: '2.0'
  }
}
