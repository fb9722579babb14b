#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make install` puts every file where it belongs, and `make uninstall` takes
# every one away again.
set -eu

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

[ -z "${SANITIZED:-}" ] || { echo 'installing is the same for every build'; exit 77; }

make --no-print-directory install DESTDIR="$root" PREFIX=/usr
for file in bin/millgen bin/millrace share/man/man1/millgen.1 share/man/man1/millrace.1 \
    share/bash-completion/completions/millgen share/bash-completion/completions/millrace; do
    [ -s "$root/usr/$file" ] || { echo "$file is not installed"; exit 1; }
done
[ -x "$root/usr/bin/millgen" ] && [ -x "$root/usr/bin/millrace" ]

make --no-print-directory uninstall DESTDIR="$root" PREFIX=/usr
left=$(find "$root" -type f)
[ -z "$left" ] || { echo "uninstall left $left"; exit 1; }
