#!/bin/sh
# Fails when a page of the shop refers to a file that the bundle does not have.
set -eu

for file in $(sed -n 's/.*\(src\|href\)="\.\/\([^"]*\)".*/\2/p' dist/index.html); do
  [ -f "dist/$file" ] || { echo "index.html refers to $file, which is missing" >&2; exit 1; }
done
if grep -rq '__VERSION__' dist/*.js; then
  echo "a placeholder was left in the bundle" >&2
  exit 1
fi
echo "all files are there"
