metadata description = 'Mail by Communication Services, from a domain that Azure gives.'

import { roles, tagsType } from 'conventions.bicep'

param stem string
param tags tagsType
param dataLocation string
param identityName string
param identityPrincipalId string

resource mail 'Microsoft.Communication/emailServices@2023-04-01' = {
  name: 'mail-${stem}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }

  resource domain 'domains' = {
    name: 'AzureManagedDomain'
    location: 'global'
    tags: tags
    properties: { domainManagement: 'AzureManaged', userEngagementTracking: 'Disabled' }
  }
}

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' = {
  name: 'acs-${stem}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation, disableLocalAuth: true, linkedDomains: [mail::domain.id] }
}

// There is no smaller role that may send.
resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: communication
  name: guid(communication.id, identityName, roles.communicationAndEmailServiceOwner)
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.communicationAndEmailServiceOwner
    )
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output host string = communication.properties.hostName
output senderDomain string = mail::domain.properties.mailFromSenderDomain
