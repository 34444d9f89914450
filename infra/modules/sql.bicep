metadata description = 'Azure SQL: Entra identities only, reached from the subnet of the functions.'

import { tagsType } from 'conventions.bicep'

param name string
param location string
param tags tagsType
param isPrivate bool
param subnetId string
param workspaceId string
param administrator { id: string, name: string, type: 'User' | 'Group' | 'Application' }
param sku string
param autoPauseMinutes int
param isLedger bool
param backup { days: int, redundancy: 'Local' | 'Zone' | 'Geo' | 'GeoZone' }

var isServerless = startsWith(sku, 'GP_S_')

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    administrators: {
      administratorType: 'ActiveDirectory'
      azureADOnlyAuthentication: true
      principalType: administrator.type
      login: administrator.name
      sid: administrator.id
      tenantId: tenant().tenantId
    }
    minimalTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }

  // No firewall rule beside it: above all not 0.0.0.0, which is every customer of Azure.
  resource functions 'virtualNetworkRules' = if (!isPrivate) {
    name: 'functions'
    properties: { virtualNetworkSubnetId: subnetId }
  }

  resource audit 'auditingSettings' = {
    name: 'default'
    properties: {
      state: 'Enabled'
      isAzureMonitorTargetEnabled: true
      auditActionsAndGroups: [
        'SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP'
        'FAILED_DATABASE_AUTHENTICATION_GROUP'
        'DATABASE_PRINCIPAL_CHANGE_GROUP'
        'DATABASE_ROLE_MEMBER_CHANGE_GROUP'
        'DATABASE_PERMISSION_CHANGE_GROUP'
        'SCHEMA_OBJECT_CHANGE_GROUP'
      ]
    }
  }

  resource database 'databases' = {
    name: 'latchkey'
    location: location
    tags: tags
    sku: { name: sku }
    properties: {
      // As SQL Server has it; e-mail is compared bytewise by a collation of its own.
      collation: 'SQL_Latin1_General_CP1_CI_AS'
      isLedgerOn: isLedger
      requestedBackupStorageRedundancy: backup.redundancy
      ...(isServerless ? { autoPauseDelay: autoPauseMinutes, minCapacity: json('0.5') } : {})
    }

    resource retention 'backupShortTermRetentionPolicies' = {
      name: 'default'
      properties: { retentionDays: backup.days }
    }
  }

  resource master 'databases' existing = {
    name: 'master'
  }
}

// The audit of the server arrives through its database master.
resource auditLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: server::master
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'SQLSecurityAuditEvents', enabled: true }]
  }
  dependsOn: [server::database]
}

output id string = server.id
output name string = server.name
output host string = server.properties.fullyQualifiedDomainName
output databaseName string = server::database.name
