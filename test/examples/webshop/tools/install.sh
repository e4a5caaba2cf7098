#!/bin/sh
# Stands in for a package manager: installs what the lock file names from vendor/, without a network.
set -eu

names=$(sed -n 's|.*"node_modules/\([^"]*\)".*|\1|p' package-lock.json)
for name in $names; do
  echo "installing $name"
  mkdir -p "node_modules/$name"
  cp -R "vendor/$name/." "node_modules/$name/"
  if [ -f "node_modules/$name/postinstall.sh" ]; then
    (cd "node_modules/$name" && sh postinstall.sh)
  fi
done
