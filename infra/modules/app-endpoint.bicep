metadata description = 'The private address of the functions, for callers and for whoever deploys them.'

import { tagsType } from 'conventions.bicep'

param stem string
param location string
param tags tagsType
param subnetId string
param appId string

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-app-${stem}'
    location: location
    tags: tags
    subnetId: subnetId
    targetId: appId
    part: 'sites'
    zones: ['privatelink.azurewebsites.net']
  }
}
