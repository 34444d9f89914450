resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'account'
  location: 'westeurope'
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: { minimumTlsVersion: 'TLS1_1', supportsHttpsTrafficOnly: false }
}

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  name: 'server'
  location: 'westeurope'
  properties: { minimalTlsVersion: 'None' }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'app'
  location: 'westeurope'
  properties: { httpsOnly: false, siteConfig: { minTlsVersion: '1.1', ftpsState: 'FtpsOnly' } }
}

resource gateway 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: 'gateway'
  location: 'westeurope'
  sku: { name: 'Developer', capacity: 1 }
  properties: {
    publisherEmail: 'ada@example.com'
    publisherName: 'Ada'
    customProperties: { 'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10': 'True' }
  }

  resource api 'apis' = {
    name: 'plain'
    properties: { path: 'plain', protocols: ['http', 'https'] }
  }
}

resource profile 'Microsoft.Cdn/profiles@2024-09-01' = {
  name: 'profile'
  location: 'global'
  sku: { name: 'Standard_AzureFrontDoor' }

  resource domain 'customDomains' = {
    name: 'domain'
    properties: {
      hostName: 'auth.example.com'
      tlsSettings: { certificateType: 'ManagedCertificate', minimumTlsVersion: 'TLS10' }
    }
  }
}
