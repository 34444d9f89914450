metadata description = 'The network from whose subnet the service reaches database, storage and vault, in every profile.'

import { tagsType } from 'conventions.bicep'

param name string
param location string
param tags tagsType
param prefix string
param isPrivate bool

// Whoever is in the subnet of the functions is let in by these services, and nobody else; private has endpoints instead.
var serviceEndpoints = isPrivate
  ? []
  : map(['Microsoft.Sql', 'Microsoft.Storage', 'Microsoft.KeyVault'], service => { service: service })

var appSubnet = {
  name: 'app'
  properties: {
    addressPrefix: '${prefix}.0.0/24'
    delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
    serviceEndpoints: serviceEndpoints
  }
}

var privateSubnets = [
  {
    name: 'endpoints'
    properties: {
      addressPrefix: '${prefix}.1.0/24'
      defaultOutboundAccess: false
    }
  }
  {
    // For the machine that migrates and deploys: docs/deployment.md.
    name: 'runner'
    properties: {
      addressPrefix: '${prefix}.2.0/24'
      defaultOutboundAccess: false
    }
  }
]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['${prefix}.0.0/16'] }
    subnets: concat([appSubnet], isPrivate ? privateSubnets : [])
  }
}

output id string = network.id
output appSubnetId string = '${network.id}/subnets/app'
output endpointSubnetId string = '${network.id}/subnets/endpoints'
