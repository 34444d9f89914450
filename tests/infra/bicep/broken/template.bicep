@secure()
param secretKey string = newGuid()

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: 'account'
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  name: 'vault/secret-key'
  properties: { value: secretKey }
}

@onlyIfNotExists()
resource kept 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  name: 'vault/kept'
  properties: { value: secretKey }
}

module inner 'template-inner.bicep' = {
  params: { secretKey: secretKey }
}

@secure()
output declared string = 'x'
#disable-next-line outputs-should-not-contain-secrets
output passedOn string = 'key:${secretKey}'
#disable-next-line outputs-should-not-contain-secrets
output askedFor string = account.listKeys().keys[0].value
output AZURE_CLIENT_ID string = 'id'
output harmless string = account.name
