metadata description = 'Azure\'s firewall on Front Door Premium, told to leave alone what no rule can judge: passwords, tokens, and the URLs of OAuth.'

import { tagsType } from 'conventions.bicep'

param stem string
param tags tagsType
@description('Of the custom domain; empty: there is none.')
param domainId string

var fields = loadJsonContent('../firewall-fields.json')
// Matched letter by letter, as JSON and queries are; the value is left out, the name is still judged.
var exclusions = [
  for field in concat(
    map(fields.body, name => { in: 'RequestBodyJsonArgNames', name: name }),
    map(fields.body, name => { in: 'RequestBodyPostArgNames', name: name }),
    map(fields.query, name => { in: 'QueryStringArgNames', name: name }),
    map(fields.cookies, name => { in: 'RequestCookieNames', name: name })
  ): { matchVariable: field.in, selectorMatchOperator: 'Equals', selector: field.name }
]

resource policy 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies@2024-02-01' = {
  name: 'waf${replace(stem, '-', '')}'
  location: 'global'
  tags: tags
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    policySettings: { enabledState: 'Enabled', mode: 'Prevention', requestBodyCheck: 'Enabled' }
    managedRules: {
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.1'
          ruleSetAction: 'Block'
          exclusions: exclusions
        }
      ]
    }
  }
}

resource profile 'Microsoft.Cdn/profiles@2024-09-01' existing = {
  name: 'afd-${stem}'

  resource endpoint 'afdEndpoints' existing = {
    name: 'fde-${stem}'
  }

  resource guard 'securityPolicies' = {
    name: 'firewall'
    properties: {
      parameters: {
        type: 'WebApplicationFirewall'
        wafPolicy: { id: policy.id }
        associations: [
          {
            domains: concat([{ id: profile::endpoint.id }], empty(domainId) ? [] : [{ id: domainId }])
            patternsToMatch: ['/*']
          }
        ]
      }
    }
  }
}
