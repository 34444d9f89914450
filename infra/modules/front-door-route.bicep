metadata description = 'What Front Door leads to.'

param stem string
param domainId string
@description('The apps that answer, and how many of a hundred calls each gets.')
param origins { name: string, host: string, weight: int }[]

resource profile 'Microsoft.Cdn/profiles@2024-09-01' existing = {
  name: 'afd-${stem}'

  resource endpoint 'afdEndpoints' existing = {
    name: 'fde-${stem}'

    // No cache: hardly an answer of the service may be kept, and those that may be are small.
    resource route 'routes' = {
      name: 'all'
      properties: {
        originGroup: { id: profile::group.id }
        customDomains: empty(domainId) ? [] : [{ id: domainId }]
        linkToDefaultDomain: 'Enabled'
        supportedProtocols: ['Http', 'Https']
        httpsRedirect: 'Enabled'
        forwardingProtocol: 'HttpsOnly'
        patternsToMatch: ['/*']
      }
      dependsOn: [profile::group::apps]
    }
  }

  resource group 'originGroups' = {
    name: 'app'
    properties: {
      // No probe: it would keep an instance of each app awake. So a second app that fails keeps its share until greenPercent
      // takes it away: docs/deployment.md.
      loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3 }
    }

    resource apps 'origins' = [
      for origin in origins: {
        name: origin.name
        properties: {
          hostName: origin.host
          originHostHeader: origin.host
          httpsPort: 443
          enforceCertificateNameCheck: true
          priority: 1
          // The least weight is 1: who is to get none is switched off.
          weight: max(1, origin.weight)
          enabledState: origin.weight == 0 ? 'Disabled' : 'Enabled'
        }
      }
    ]
  }
}
