#!/bin/sh
# Brings the database up to date, and gives the functions' identity its rights, as whoever deploys. Where the server's firewall
# keeps the deployer out, it admits the one address that it sees, and is closed again whatever happens.
# Takes the outputs of the deployment from the environment, where azd puts them.
set -eu
cd "$(dirname "$0")/../.."

for name in AZURE_RESOURCE_GROUP LATCHKEY_SQL_SERVER LATCHKEY_IDENTITY_NAME LATCHKEY_IDENTITY_CLIENT_ID DB_SERVER DB_DATABASE; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then
    echo "$name is missing: it is an output of the deployment (azd provision)" >&2
    exit 1
  fi
done

# No password, whatever a developer's shell says.
export ENVIRONMENT=production DB_USERNAME= DB_PASSWORD=

# One login by name: the chain of all of them takes longer than a database waits for a token.
if [ -z "${AZURE_TOKEN_CREDENTIALS:-}" ]; then
  if az account show --output none 2> /dev/null; then
    export AZURE_TOKEN_CREDENTIALS=AzureCliCredential
  else
    export AZURE_TOKEN_CREDENTIALS=AzureDeveloperCliCredential
  fi
fi

if [ -f migrate.js ]; then
  # A pipeline's bundle (npm run bundle) brings the command and its Node along: nothing is installed beside the deployer's login.
  migrate() { ./node migrate.js "$@"; }
else
  [ -d node_modules ] || npm ci --no-audit --no-fund
  migrate() { npm run --silent migrate -- "$@"; }
fi

# A name of its own: another deployment that runs now must not have its opening closed.
rule="deployer-$(date +%s)-$$"
is_open=

firewall() {
  action=$1
  shift
  if [ -n "${AZURE_SUBSCRIPTION_ID:-}" ]; then
    set -- --subscription "$AZURE_SUBSCRIPTION_ID" "$@"
  fi
  az sql server firewall-rule "$action" --resource-group "$AZURE_RESOURCE_GROUP" --server "$LATCHKEY_SQL_SERVER" \
    --name "$rule" --output none "$@"
}

close() {
  status=$?
  trap - EXIT
  if [ -n "$is_open" ] && ! firewall delete; then
    echo "The firewall of $LATCHKEY_SQL_SERVER is still open: delete its rule $rule" >&2
    status=1
  fi
  exit "$status"
}
trap close EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The address that the firewall would have to admit, if that is what is wrong.
address_in() { printf '%s\n' "$1" | sed -n 's/.*firewall does not admit this address ([0-9]*): \([0-9.]*\)$/\1/p'; }

tries=31
until said=$(migrate status 2>&1); do
  address=$(address_in "$said")
  tries=$((tries - 1))
  if [ -z "$address" ] || [ "$tries" = 0 ]; then
    printf '%s\n' "$said" >&2
    exit 1
  fi
  if [ -z "$is_open" ]; then
    is_open=yes
    firewall create --start-ip-address "$address" --end-ip-address "$address"
  else
    # It takes effect within five minutes.
    sleep 10
  fi
done

migrate up
migrate grant --name "$LATCHKEY_IDENTITY_NAME" --client-id "$LATCHKEY_IDENTITY_CLIENT_ID"
