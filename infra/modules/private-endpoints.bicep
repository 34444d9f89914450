metadata description = 'The private addresses of all that the service uses, and the zones of names for them and for the service itself.'

import { tagsType } from 'conventions.bicep'

param stem string
param location string
param tags tagsType
param networkId string
param subnetId string
param storageId string
param anchorsId string
param vaultId string
param sqlServerId string
param monitoringScopeId string

var sql = 'privatelink${environment().suffixes.sqlServerHostname}'
var blob = 'privatelink.blob.${environment().suffixes.storage}'
var queue = 'privatelink.queue.${environment().suffixes.storage}'
var vault = 'privatelink.vaultcore.azure.net'
var monitor = [
  'privatelink.monitor.azure.com'
  'privatelink.oms.opinsights.azure.com'
  'privatelink.ods.opinsights.azure.com'
  'privatelink.agentsvc.azure-automation.net'
]

var targets = [
  { label: 'sql', id: sqlServerId, part: 'sqlServer', zones: [sql] }
  { label: 'vault', id: vaultId, part: 'vault', zones: [vault] }
  { label: 'blob', id: storageId, part: 'blob', zones: [blob] }
  { label: 'anchors', id: anchorsId, part: 'blob', zones: [blob] }
  { label: 'queue', id: storageId, part: 'queue', zones: [queue] }
  { label: 'monitor', id: monitoringScopeId, part: 'azuremonitor', zones: [...monitor, blob] }
]

// The last is for app-endpoint.bicep: of the app and, below it, of its deployment site.
var zones = [sql, blob, queue, vault, ...monitor, 'privatelink.azurewebsites.net']

resource dns 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zones: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zones: {
    parent: dns[index]
    name: 'network'
    location: 'global'
    tags: tags
    properties: { virtualNetwork: { id: networkId }, registrationEnabled: false }
  }
]

module endpoints 'private-endpoint.bicep' = [
  for target in targets: {
    params: {
      name: 'pe-${target.label}-${stem}'
      location: location
      tags: tags
      subnetId: subnetId
      targetId: target.id
      part: target.part
      zones: target.zones
    }
    dependsOn: [dns]
  }
]
