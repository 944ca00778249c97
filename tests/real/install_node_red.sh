#!/bin/sh
# Puts Node-RED 4 where the tests look for it. Needs Node 18.5 or newer and a configured npm.
set -eu
cd "$(dirname "$0")/../.."
if [ -f .cache/node-red/node_modules/node-red/red.js ] && grep -q '"version": "4.1.15"' .cache/node-red/node_modules/node-red/package.json; then
  exit 0
fi
mkdir -p .cache/node-red
npm install --prefix .cache/node-red node-red@4.1.15 --no-audit --no-fund
