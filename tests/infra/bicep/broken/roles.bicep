param stranger string = '33333333-3333-3333-3333-333333333333'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'identity'
  location: 'westeurope'
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: 'vault'
}

var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var contributor = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b24988ac-6180-42a0-ab88-20f7382dd24c'
)

resource tooMuch 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid('too much')
  properties: { roleDefinitionId: contributor, principalId: identity.properties.principalId }
}

resource tooWide 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid('too wide')
  properties: { roleDefinitionId: secretsUser, principalId: identity.properties.principalId }
}

resource notOurs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid('not ours')
  properties: { roleDefinitionId: secretsUser, principalId: stranger }
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: 'storage'
}

resource notOfEventGrid 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid('not of event grid')
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
    )
    principalId: stranger
  }
}
