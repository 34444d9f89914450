using 'application-gateway-firewall.bicep'

param name = 'waf-latchkey'
