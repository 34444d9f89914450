@secure()
param secretKey string

#disable-next-line outputs-should-not-contain-secrets
output ofModule string = secretKey
