metadata description = 'An identity that GitHub vouches for in one place: no secret, no password.'

param name string
param location string
@description('What GitHub says of the job.')
param subject string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location

  resource trust 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: subject
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
