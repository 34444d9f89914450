using 'main.bicep'

// Always awake: for production.
param profile = 'warm'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'latchkey')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param sqlAdministratorGroupId = readEnvironmentVariable('SQL_ADMINISTRATOR_GROUP_ID', '')
param issuer = readEnvironmentVariable('LATCHKEY_ISSUER', '')
param alertEmail = readEnvironmentVariable('LATCHKEY_ALERT_EMAIL', '')
param deployerPrincipalId = readEnvironmentVariable('LATCHKEY_DEPLOYER_ID', '')
