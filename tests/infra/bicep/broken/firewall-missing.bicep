resource profile 'Microsoft.Cdn/profiles@2024-09-01' = {
  name: 'unguarded'
  location: 'global'
  sku: { name: 'Premium_AzureFrontDoor' }
}
