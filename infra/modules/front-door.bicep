metadata description = 'Front Door: a certificate, an address near the caller. What it leads to is in front-door-route.bicep, since the app must know its id first.'

import { tagsType } from 'conventions.bicep'

param stem string
param tags tagsType
@description('A domain of your own; empty: the one that Azure gives.')
param domain string
@description('Premium, which the rules of Azure\'s firewall need. There is no way back to Standard.')
param isPremium bool

resource profile 'Microsoft.Cdn/profiles@2024-09-01' = {
  name: 'afd-${stem}'
  location: 'global'
  tags: tags
  sku: { name: isPremium ? 'Premium_AzureFrontDoor' : 'Standard_AzureFrontDoor' }
  properties: { originResponseTimeoutSeconds: 60 }

  resource endpoint 'afdEndpoints' = {
    name: 'fde-${stem}'
    location: 'global'
    tags: tags
    properties: { enabledState: 'Enabled' }
  }

  resource custom 'customDomains' = if (!empty(domain)) {
    name: replace(domain, '.', '-')
    properties: {
      hostName: domain
      tlsSettings: { certificateType: 'ManagedCertificate', minimumTlsVersion: 'TLS12' }
    }
  }
}

output frontDoorId string = profile.properties.frontDoorId
output domainId string = empty(domain) ? '' : profile::custom.id
output url string = 'https://${empty(domain) ? profile::endpoint.properties.hostName : domain}'
