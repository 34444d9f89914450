using 'main.bicep'

// What azd up deploys: the profile that LATCHKEY_PROFILE names, cheap unless set.
param profile = readEnvironmentVariable('LATCHKEY_PROFILE', 'cheap')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'latchkey')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param sqlAdministratorGroupId = readEnvironmentVariable('SQL_ADMINISTRATOR_GROUP_ID', '')
param issuer = readEnvironmentVariable('LATCHKEY_ISSUER', '')
param alertEmail = readEnvironmentVariable('LATCHKEY_ALERT_EMAIL', '')
param frontDoorDomain = readEnvironmentVariable('LATCHKEY_FRONT_DOOR_DOMAIN', '')
param green = bool(readEnvironmentVariable('LATCHKEY_GREEN', 'false'))
param greenPercent = int(readEnvironmentVariable('LATCHKEY_GREEN_PERCENT', '0'))
param deployerPrincipalId = readEnvironmentVariable('LATCHKEY_DEPLOYER_ID', '')
