metadata description = 'What all modules agree on.'

@export()
type profileName = 'cheap' | 'warm' | 'private' | 'gateway'

@export()
type tagsType = { *: string }

@export()
@description('The identity of the functions.')
type identityType = {
  id: string
  clientId: string
}

@export()
@description('What names have in common: up to 7 letters and digits of the environment, and a token that makes them unique. With any prefix of 2 to 5 letters they are legal for every type of resource, whatever the environment is called.')
func stemOf(environmentName string, token string) string =>
  empty(plain(environmentName)) ? token : '${take(plain(environmentName), 7)}-${token}'

@description('The letters and digits of a text, in lower case.')
func plain(text string) string =>
  join(
    filter(
      map(range(0, length(text)), place => toLower(substring(text, place, 1))),
      letter => contains('abcdefghijklmnopqrstuvwxyz0123456789', letter)
    ),
    ''
  )

@export()
@description('How many statements a database runs at once (docs/database.md).')
func workersOf(sku string) int =>
  {
    GP_S_Gen5_1: 75
    GP_S_Gen5_2: 150
    GP_S_Gen5_4: 300
    S1: 90
    S2: 120
    S3: 200
    GP_Gen5_2: 200
    GP_Gen5_4: 400
  }[sku]

@export()
@description('The built-in roles that main.bicep grants, and so all that a pipeline may grant: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles')
var roles = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  communicationAndEmailServiceOwner: '09976791-48a7-449e-bb21-39d1a415f350'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  websiteContributor: 'de139f84-1756-47ae-9be6-808fbbe84772'
}
