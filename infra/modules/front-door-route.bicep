metadata description = 'What Front Door leads to.'

param stem string
param domainId string
param appHostName string

resource profile 'Microsoft.Cdn/profiles@2024-09-01' existing = {
  name: 'afd-${stem}'

  resource endpoint 'afdEndpoints' existing = {
    name: 'fde-${stem}'

    // No cache: hardly an answer of the service may be kept, and those that may be are small.
    resource route 'routes' = {
      name: 'all'
      properties: {
        originGroup: { id: profile::origins.id }
        customDomains: empty(domainId) ? [] : [{ id: domainId }]
        linkToDefaultDomain: 'Enabled'
        supportedProtocols: ['Http', 'Https']
        httpsRedirect: 'Enabled'
        forwardingProtocol: 'HttpsOnly'
        patternsToMatch: ['/*']
      }
      dependsOn: [profile::origins::app]
    }
  }

  resource origins 'originGroups' = {
    name: 'app'
    properties: {
      // No probe: with one origin it decides nothing, and it would keep an instance awake.
      loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3 }
    }

    resource app 'origins' = {
      name: 'app'
      properties: {
        hostName: appHostName
        originHostHeader: appHostName
        httpsPort: 443
        enforceCertificateNameCheck: true
      }
    }
  }
}
