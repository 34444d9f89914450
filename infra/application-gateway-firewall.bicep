metadata description = 'The firewall policy of an Application Gateway in front, told to leave alone what no rule can judge: passwords, tokens, and the URLs of OAuth. The gateway is yours: docs/deployment.md.'

import { tagsType } from 'modules/conventions.bicep'

@description('Of the policy.')
@minLength(1)
@maxLength(128)
param name string = 'waf-latchkey'

@description('The region of the gateway.')
param location string = resourceGroup().location

param tags tagsType = {}

var fields = loadJsonContent('firewall-fields.json')
// A name of RequestArgNames is looked for in queries, forms and JSON alike.
var exclusions = [
  for field in concat(
    map(union(fields.body, fields.query), name => { in: 'RequestArgNames', name: name }),
    map(fields.cookies, name => { in: 'RequestCookieNames', name: name })
  ): { matchVariable: field.in, selectorMatchOperator: 'Equals', selector: field.name }
]

resource policy 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    policySettings: { state: 'Enabled', mode: 'Prevention', requestBodyCheck: true, maxRequestBodySizeInKb: 128 }
    managedRules: {
      managedRuleSets: [{ ruleSetType: 'Microsoft_DefaultRuleSet', ruleSetVersion: '2.1' }]
      exclusions: exclusions
    }
  }
}

output id string = policy.id
