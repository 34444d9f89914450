metadata description = 'Mail by Communication Services, from a domain that Azure gives. The service gets its settings for it with its mail.'

import { tagsType } from 'conventions.bicep'

param stem string
param tags tagsType
param dataLocation string

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
