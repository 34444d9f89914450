metadata description = 'Mail by Communication Services, from a domain that Azure gives, and what became of each mail into a queue.'

import { roles, tagsType } from 'conventions.bicep'

param stem string
param tags tagsType
param dataLocation string
@description('Who sends.')
param identityName string
param identityPrincipalId string
@description('Where the queue of reports is.')
param storageName string
param reportsQueue string

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

// The smallest built-in role that may send. There are no keys that it could read: disableLocalAuth.
resource sender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
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

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

// Through the storage's firewall only an identity of the topic's own is let.
resource reports 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${stem}'
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: { source: communication.id, topicType: 'Microsoft.Communication.CommunicationServices' }

  resource subscription 'eventSubscriptions' = {
    name: 'delivery-reports'
    properties: {
      eventDeliverySchema: 'EventGridSchema'
      filter: { includedEventTypes: ['Microsoft.Communication.EmailDeliveryReportReceived'] }
      deliveryWithResourceIdentity: {
        identity: { type: 'SystemAssigned' }
        destination: {
          endpointType: 'StorageQueue'
          properties: { resourceId: storage.id, queueName: reportsQueue }
        }
      }
    }
    dependsOn: [reporter]
  }
}

resource reporter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid(storage.id, reports.id, roles.storageQueueDataMessageSender)
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageSender
    )
    principalId: reports.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

output endpoint string = 'https://${communication.properties.hostName}'
output sender string = 'DoNotReply@${mail::domain.properties.fromSenderDomain}'
