targetScope = 'subscription'

metadata description = 'Latchkey in a resource group of its own. docs/deployment.md says how to deploy it and what it costs.'

import { stemOf, profileName, workersOf, tagsType } from 'modules/conventions.bicep'

@description('Names the deployment: dev, test, prod. Resources are named by its letters and digits.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region of everything that has one.')
@minLength(1)
param location string

@description('cheap sleeps when nobody calls; warm is always awake; private has no public address; gateway adds Front Door and API Management to warm.')
param profile profileName

@description('The resource group, made unless it is there.')
@minLength(1)
@maxLength(90)
param resourceGroupName string = 'rg-${stemOf(environmentName, uniqueString(subscription().id, environmentName, location))}'

@description('Further tags of every resource.')
param tags tagsType = {}

@description('Whom the database obeys: the object id of a group of Entra ID, which outlives people and pipelines. Whoever deploys unless set.')
param sqlAdministratorGroupId string = ''

@description('The name that the database shows for the group.')
param sqlAdministratorGroupName string = 'latchkey-administrators'

@description('The URL that callers use, without a trailing slash; the address that Azure gives unless set. Needed with a domain of your own.')
param issuer string = ''

@description('The domain of Front Door in the gateway profile, such as auth.example.com; none: the one that Azure gives.')
param frontDoorDomain string = ''

@description('Puts Azure\'s firewall on Front Door, which needs its Premium tier: 330 $ a month. In the gateway profile.')
param frontDoorFirewall bool = false

@description('Makes a second app behind Front Door, for the next release; callers move over by greenPercent. In the gateway profile.')
param green bool = false

@description('How many of a hundred calls the second app gets.')
@minValue(0)
@maxValue(100)
param greenPercent int = 0

@description('Further settings of the service, by name. Secrets belong in vaultSettings.')
param settings { *: string } = {}

@description('Settings whose value lies in the vault, as setting: name of the secret.')
param vaultSettings { *: string } = {}

@description('The Node that the functions run on.')
param nodeVersion '22' | '24' = '22'

@description('Memory of an instance in MB.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048

@description('The most instances that run at once. With the database it bounds the connections: docs/deployment.md.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that always wait for calls.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = profile == 'cheap' ? 0 : 1

@description('The database: serverless that sleeps, serverless that does not, or provisioned.')
param databaseSku 'GP_S_Gen5_1' | 'GP_S_Gen5_2' | 'GP_S_Gen5_4' | 'S1' | 'S2' | 'S3' | 'GP_Gen5_2' | 'GP_Gen5_4' = profile == 'cheap'
  ? 'GP_S_Gen5_2'
  : 'S2'

@description('Minutes without a connection after which a serverless database sleeps; -1: never.')
@minValue(-1)
@maxValue(10080)
param databaseAutoPauseMinutes int = profile == 'cheap' ? 60 : -1

@description('Makes every table of the database a ledger, whose rows cannot be changed unseen. Cannot be undone.')
param databaseLedger bool = false

@description('For how many days any second of the database can be restored.')
@minValue(1)
@maxValue(35)
param backupRetentionDays int = 14

@description('Where backups are kept: Geo survives the loss of a region.')
param backupRedundancy 'Local' | 'Zone' | 'Geo' | 'GeoZone' = 'Geo'

@description('How the anchors of the audit log are kept: GRS and GZRS survive the loss of a region, ZRS and GZRS that of a zone. Not every region has zones.')
param anchorsRedundancy 'ZRS' | 'GRS' | 'GZRS' = 'GRS'

@description('For how many days logs, the audit of the database among them, are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Who gets mail when an alert fires; nobody unless set.')
param alertEmail string = ''

@description('The first 16 bits of the network, which has 65,536 addresses.')
@minLength(3)
@maxLength(7)
param networkPrefix string = '10.80'

@description('Makes Communication Services with a domain for mail. Without them, settings must name a mail server: MAIL_PROVIDER, MAIL_FROM, SMTP_HOST.')
param email bool = true

@description('Where mail data is kept.')
param emailDataLocation string = 'Europe'

@description('Makes API Management, with the policies of infra/apim.')
param apiManagement bool = profile == 'gateway'

@description('The tier of API Management.')
param apiManagementSku 'BasicV2' | 'StandardV2' | 'Developer' | 'Basic' | 'Standard' | 'Premium' = 'BasicV2'

@description('Who publishes the APIs, as the developer portal shows it.')
param publisherName string = 'Latchkey'

@description('The address that API Management writes to.')
param publisherEmail string = empty(alertEmail) ? 'nobody@example.com' : alertEmail

@description('Of the identity that deploys packages in a pipeline, which pipeline.bicep makes; none unless set.')
param deployerPrincipalId string = ''

@description('Seals the signing keys. Made once, at the first deployment; the value of a later one is thrown away by the vault.')
@secure()
param secretKey string = '${newGuid()}${newGuid()}'

var stem = stemOf(environmentName, uniqueString(subscription().id, environmentName, location))
var isPrivate = profile == 'private'
var hasFrontDoor = profile == 'gateway'
// Blue is the app of every profile. Each has a plan of its own, since Flex Consumption takes one app to a plan.
var blue = { app: appName, plan: 'plan-${stem}', service: 'api', container: 'packages', weight: 100 - greenPercent }
var second = {
  app: 'func-green-${stem}'
  plan: 'plan-green-${stem}'
  service: 'green'
  container: 'packages-green'
  weight: greenPercent
}
var colours = hasFrontDoor && green ? [blue, second] : [{ ...blue, weight: 100 }]
var allTags = union(tags, { 'azd-env-name': environmentName, product: 'latchkey' })
var identityName = 'id-${stem}'
var storageName = 'st${replace(stem, '-', '')}'
var reportsQueue = 'mail-reports'
var appName = 'func-${stem}'
var appUrl = 'https://${appName}.azurewebsites.net'

// Only users have a principal name.
var sqlAdministrator = !empty(sqlAdministratorGroupId)
  ? { id: sqlAdministratorGroupId, name: sqlAdministratorGroupName, type: 'Group' }
  : empty(deployer().userPrincipalName)
      ? { id: deployer().objectId, name: 'latchkey-deployer', type: 'Application' }
      : { id: deployer().objectId, name: deployer().userPrincipalName, type: 'User' }

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: identityName, location: location, tags: allTags }
}

module network 'modules/network.bicep' = {
  scope: group
  params: { name: 'vnet-${stem}', location: location, tags: allTags, prefix: networkPrefix, isPrivate: isPrivate }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    stem: stem
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    isPrivate: isPrivate
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: storageName
    containers: map(colours, colour => colour.container)
    queues: ['mail', reportsQueue, 'audit-anchors']
    takesEvents: email
    location: location
    tags: allTags
    isPrivate: isPrivate
    subnetId: network.outputs.appSubnetId
    workspaceId: monitoring.outputs.workspaceId
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
  }
}

module anchors 'modules/anchors.bicep' = {
  scope: group
  params: {
    name: 'stan${replace(stem, '-', '')}'
    location: location
    tags: allTags
    isPrivate: isPrivate
    subnetId: network.outputs.appSubnetId
    workspaceId: monitoring.outputs.workspaceId
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
    redundancy: anchorsRedundancy
    // As long as events are.
    days: int(settings.?AUDIT_RETENTION_DAYS ?? '400')
  }
}

module vault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    name: 'kv-${stem}'
    location: location
    tags: allTags
    isPrivate: isPrivate
    subnetId: network.outputs.appSubnetId
    workspaceId: monitoring.outputs.workspaceId
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
    secretKey: secretKey
  }
}

module database 'modules/sql.bicep' = {
  scope: group
  params: {
    name: 'sql-${stem}'
    location: location
    tags: allTags
    isPrivate: isPrivate
    subnetId: network.outputs.appSubnetId
    workspaceId: monitoring.outputs.workspaceId
    administrator: sqlAdministrator
    sku: databaseSku
    autoPauseMinutes: databaseAutoPauseMinutes
    isLedger: databaseLedger
    backup: { days: backupRetentionDays, redundancy: backupRedundancy }
  }
}

module frontDoor 'modules/front-door.bicep' = if (hasFrontDoor) {
  scope: group
  params: { stem: stem, tags: allTags, domain: frontDoorDomain, isPremium: frontDoorFirewall }
}

module frontDoorGuard 'modules/front-door-firewall.bicep' = if (hasFrontDoor && frontDoorFirewall) {
  scope: group
  params: { stem: stem, tags: allTags, domainId: frontDoor!.outputs.domainId }
}

var publicUrl = !empty(issuer) ? issuer : hasFrontDoor ? frontDoor!.outputs.url : appUrl

module apps 'modules/app.bicep' = [
  for colour in colours: {
    scope: group
    params: {
      name: colour.app
      planName: colour.plan
      service: colour.service
      location: location
      tags: allTags
      isPrivate: isPrivate
      subnetId: network.outputs.appSubnetId
      frontDoor: hasFrontDoor ? { id: frontDoor!.outputs.frontDoorId } : null
      identity: {
        id: identity.outputs.id
        clientId: identity.outputs.clientId
      }
      storageName: storage.outputs.name
      packages: '${storage.outputs.blobs}${colour.container}'
      runtime: {
        node: nodeVersion
        memoryMB: instanceMemoryMB
        most: maximumInstanceCount
        alwaysReady: alwaysReadyInstances
      }
      applicationInsightsConnection: monitoring.outputs.applicationInsightsConnection
      vaultUri: vault.outputs.uri
      deployerPrincipalId: deployerPrincipalId
      vaultSettings: union(vaultSettings, { SECRET_KEY: vault.outputs.secretKeyName })
      settings: union(
        {
          // Azure's front end, and Front Door before it.
          TRUSTED_PROXY_HOPS: hasFrontDoor ? '2' : '1'
          // Instances times connections stay within 80 % of what the database admits (docs/database.md); of two apps from the
          // start where there may be a second, since a new value would start the first one anew.
          DB_POOL_MAX: string(max(
            1,
            min(10, workersOf(databaseSku) * 8 / 10 / maximumInstanceCount / (hasFrontDoor ? 2 : 1))
          ))
        },
        email ? { MAIL_PROVIDER: 'acs', ACS_ENDPOINT: mail!.outputs.endpoint, MAIL_FROM: mail!.outputs.sender } : {},
        settings,
        {
          ENVIRONMENT: 'production'
          ISSUER: publicUrl
          DB_SERVER: database.outputs.host
          DB_DATABASE: database.outputs.databaseName
          AUDIT_ANCHORS_URL: anchors.outputs.containerUrl
        }
      )
    }
    dependsOn: [endpoints]
  }
]

module frontDoorRoute 'modules/front-door-route.bicep' = if (hasFrontDoor) {
  scope: group
  params: {
    stem: stem
    domainId: frontDoor!.outputs.domainId
    origins: [
      for (colour, index) in colours: {
        name: colour.service
        host: apps[index].outputs.hostName
        weight: colour.weight
      }
    ]
  }
}

module endpoints 'modules/private-endpoints.bicep' = if (isPrivate) {
  scope: group
  params: {
    stem: stem
    location: location
    tags: allTags
    networkId: network.outputs.id
    subnetId: network.outputs.endpointSubnetId
    storageId: storage.outputs.id
    anchorsId: anchors.outputs.id
    vaultId: vault.outputs.id
    sqlServerId: database.outputs.id
    monitoringScopeId: monitoring.outputs.privateLinkScopeId
  }
}

module appEndpoint 'modules/app-endpoint.bicep' = if (isPrivate) {
  scope: group
  params: {
    stem: stem
    location: location
    tags: allTags
    subnetId: network.outputs.endpointSubnetId
    appId: apps[0].outputs.id
  }
  dependsOn: [endpoints]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    stem: stem
    location: location
    tags: allTags
    email: alertEmail
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module mail 'modules/email.bicep' = if (email) {
  scope: group
  params: {
    stem: stem
    tags: allTags
    dataLocation: emailDataLocation
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
    storageName: storageName
    reportsQueue: reportsQueue
  }
  dependsOn: [storage]
}

module gateway 'modules/api-management.bicep' = if (apiManagement) {
  scope: group
  params: {
    name: 'apim-${stem}'
    location: location
    tags: allTags
    sku: apiManagementSku
    publisher: { name: publisherName, email: publisherEmail }
    issuer: publicUrl
    audience: settings.?AUDIENCE ?? publicUrl
  }
}

// What the hooks and the guide need. azd puts outputs into its environment, so none is named as a setting of the Azure
// libraries: AZURE_CLIENT_ID would change who they sign in as.
output AZURE_RESOURCE_GROUP string = group.name
output LATCHKEY_PROFILE string = profile
output LATCHKEY_URL string = publicUrl
output LATCHKEY_APP_NAME string = apps[0].outputs.name
output LATCHKEY_IDENTITY_NAME string = identity.outputs.name
output LATCHKEY_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output LATCHKEY_VAULT_NAME string = vault.outputs.name
output LATCHKEY_SQL_SERVER string = database.outputs.name
output DB_SERVER string = database.outputs.host
output DB_DATABASE string = database.outputs.databaseName
