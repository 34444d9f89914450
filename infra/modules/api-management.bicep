metadata description = 'API Management: verifies access tokens in front of your APIs, with the fragments of infra/apim.'

import { tagsType } from 'conventions.bicep'

param name string
param location string
param tags tagsType
param sku string
param publisher { name: string, email: string }
param issuer string
param audience string

var isV2 = endsWith(sku, 'V2')
var protocols = [
  'Gateway.Security.Protocols.Tls10'
  'Gateway.Security.Protocols.Tls11'
  'Gateway.Security.Protocols.Ssl30'
  'Gateway.Security.Backend.Protocols.Tls10'
  'Gateway.Security.Backend.Protocols.Tls11'
  'Gateway.Security.Backend.Protocols.Ssl30'
]
// The tiers of version 2 know TLS 1.2 and later alone, and refuse these.
var oldProtocolsOff = toObject(
  protocols,
  protocol => 'Microsoft.WindowsAzure.ApiManagement.${protocol}',
  protocol => 'False'
)

resource service 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku, capacity: 1 }
  properties: {
    publisherName: publisher.name
    publisherEmail: publisher.email
    ...(isV2 ? {} : { customProperties: oldProtocolsOff })
  }

  resource issuerValue 'namedValues' = {
    name: 'latchkey-issuer'
    properties: { displayName: 'latchkey-issuer', value: issuer }
  }

  resource audienceValue 'namedValues' = {
    name: 'latchkey-audience'
    properties: { displayName: 'latchkey-audience', value: audience }
  }

  resource accessToken 'policyFragments' = {
    name: 'latchkey-access-token'
    properties: { format: 'xml', value: loadTextContent('../apim/latchkey-access-token.xml') }
    dependsOn: [issuerValue, audienceValue]
  }

  resource tokenStatus 'policyFragments' = {
    name: 'latchkey-token-status'
    properties: { format: 'xml', value: loadTextContent('../apim/latchkey-token-status.xml') }
    dependsOn: [issuerValue]
  }

  resource errors 'policyFragments' = {
    name: 'latchkey-errors'
    properties: { format: 'xml', value: loadTextContent('../apim/latchkey-errors.xml') }
  }

  // The API of the service itself: its answers are the service's own, so nothing is verified before it.
  resource api 'apis' = {
    name: 'latchkey'
    properties: {
      displayName: 'Latchkey'
      path: 'latchkey'
      protocols: ['https']
      serviceUrl: issuer
      subscriptionRequired: false
    }

    resource operations 'operations' = [
      for method in ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS']: {
        name: toLower(method)
        properties: { displayName: '${method} any path', method: method, urlTemplate: '/*' }
      }
    ]
  }

  // Put your own APIs into this product: calls come through with a valid access token alone.
  resource product 'products' = {
    name: 'latchkey'
    properties: {
      displayName: 'For people and services that have signed in'
      description: 'Its APIs are called with an access token of Latchkey.'
      subscriptionRequired: false
      state: 'published'
    }

    resource policy 'policies' = {
      name: 'policy'
      properties: { format: 'xml', value: loadTextContent('../apim/example-policy.xml') }
      dependsOn: [accessToken, tokenStatus, errors]
    }
  }
}
