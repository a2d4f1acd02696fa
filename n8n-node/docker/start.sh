#!/bin/sh
# Puts the node package into n8n's folder, brings in the sample workflows that n8n has not been given yet, and goes on
# with the command it was called with.
set -e
here=$(dirname "$0")
folder="${N8N_USER_FOLDER:-$HOME}/.n8n"
nodes="$folder/nodes/node_modules"

# At every start: the folder is a volume, which keeps an older image's package.
mkdir -p "$nodes"
rm -rf "$nodes/n8n-nodes-prompt-cache"
cp -R "$here/package" "$nodes/n8n-nodes-prompt-cache"

# The cache knows the demo model by this name; any other is its `openai`.
[ -n "$MODEL_URL" ] || export PROXY_PATH=/u/demo
export MODEL_URL="${MODEL_URL:-$DEMO_MODEL_URL}"
node "$here/workflows/import.mjs" "$folder/imported.json" n8n
exec "$@"
