using 'pipeline.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'latchkey')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param repository = readEnvironmentVariable('LATCHKEY_REPOSITORY', 'OWNER/REPOSITORY')
