#!/bin/sh
# Makes dist/ from the sources, the static files and the installed packages.
set -eu
shop_name="$1"

version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' package.json)
mkdir -p dist/modules
cp -R public/. dist/
for file in src/*.js; do
  sed -e "s|__VERSION__|$version|g" -e "s|__SHOP_NAME__|$shop_name|g" "$file" >"dist/${file#src/}"
done
for package in node_modules/*; do
  cp "$package/index.js" "dist/modules/${package##*/}.js"
done
cp node_modules/geo-table/table.csv dist/modules/
# The server sends the compressed files to browsers that accept them.
find dist -type f \( -name '*.js' -o -name '*.css' -o -name '*.csv' \) | while read -r file; do
  gzip -c "$file" >"$file.gz"
done
