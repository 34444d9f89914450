#!/bin/sh
# The network of the functions names Microsoft.App, which Azure registers for nobody by itself.
set -eu

state() { az provider show --namespace Microsoft.App --query registrationState --output tsv "$@"; }

if [ -n "${AZURE_SUBSCRIPTION_ID:-}" ]; then
  set -- --subscription "$AZURE_SUBSCRIPTION_ID"
fi
if [ "$(state "$@")" != Registered ]; then
  az provider register --namespace Microsoft.App --wait "$@"
fi
