resource wide 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies@2024-02-01' = {
  name: 'wide'
  location: 'global'
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    policySettings: { enabledState: 'Enabled', mode: 'Detection', requestBodyCheck: 'Disabled' }
    managedRules: {
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.1'
          ruleSetAction: 'Block'
          exclusions: [
            { matchVariable: 'RequestBodyJsonArgNames', selectorMatchOperator: 'Contains', selector: 'password' }
            { matchVariable: 'RequestBodyJsonArgNames', selectorMatchOperator: 'Equals', selector: 'username' }
          ]
        }
      ]
    }
  }
}

resource bare 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2024-05-01' = {
  name: 'bare'
  location: 'westeurope'
  properties: {
    policySettings: { state: 'Enabled', mode: 'Prevention', requestBodyCheck: true }
    managedRules: { managedRuleSets: [{ ruleSetType: 'OWASP', ruleSetVersion: '3.2' }] }
  }
}

resource profile 'Microsoft.Cdn/profiles@2024-09-01' = {
  name: 'profile'
  location: 'global'
  sku: { name: 'Premium_AzureFrontDoor' }

  resource guarded 'afdEndpoints' = {
    name: 'guarded'
    location: 'global'
  }

  resource open 'afdEndpoints' = {
    name: 'open'
    location: 'global'
  }

  resource partly 'afdEndpoints' = {
    name: 'partly'
    location: 'global'
  }

  resource guard 'securityPolicies' = {
    name: 'guard'
    properties: {
      parameters: {
        type: 'WebApplicationFirewall'
        wafPolicy: { id: wide.id }
        associations: [
          { domains: [{ id: profile::guarded.id }], patternsToMatch: ['/*'] }
          { domains: [{ id: profile::partly.id }], patternsToMatch: ['/auth/*'] }
        ]
      }
    }
  }
}
