using 'main.bicep'

// Always awake, behind Front Door, with API Management for your own APIs.
param profile = 'gateway'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'latchkey')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param sqlAdministratorGroupId = readEnvironmentVariable('SQL_ADMINISTRATOR_GROUP_ID', '')
param issuer = readEnvironmentVariable('LATCHKEY_ISSUER', '')
param alertEmail = readEnvironmentVariable('LATCHKEY_ALERT_EMAIL', '')
param frontDoorDomain = readEnvironmentVariable('LATCHKEY_FRONT_DOOR_DOMAIN', '')
param green = bool(readEnvironmentVariable('LATCHKEY_GREEN', 'false'))
param greenPercent = int(readEnvironmentVariable('LATCHKEY_GREEN_PERCENT', '0'))
param deployerPrincipalId = readEnvironmentVariable('LATCHKEY_DEPLOYER_ID', '')
