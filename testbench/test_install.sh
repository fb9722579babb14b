#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make install` puts every file where it belongs, and `make uninstall` takes
# every one away again. What is installed of the library is enough to build on.
set -eu

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

[ -z "${SANITIZED:-}" ] || { echo 'installing is the same for every build'; exit 77; }

make --no-print-directory install DESTDIR="$root" PREFIX=/usr
for file in bin/millgen bin/millrace share/man/man1/millgen.1 share/man/man1/millrace.1 \
    share/bash-completion/completions/millgen share/bash-completion/completions/millrace \
    lib/libmillrace.a lib/pkgconfig/millrace.pc include/libmillrace.h \
    lib/udev/rules.d/70-millrace.rules; do
    [ -s "$root/usr/$file" ] || { echo "$file is not installed"; exit 1; }
done
[ -x "$root/usr/bin/millgen" ] && [ -x "$root/usr/bin/millrace" ]

libraries=$(sed -n 's/^Libs.private: //p' "$root/usr/lib/pkgconfig/millrace.pc")
# shellcheck disable=SC2086 # a word a library
cc -std=c11 -Wall -Wextra -Werror -I"$root/usr/include" testbench/library/story.c -o "$root/story" \
    -L"$root/usr/lib" -lmillrace $libraries
"$root/usr/bin/millgen" compile models/stories260K/stories260K.bin -o "$root/stories.mill" --seq 64
told=$("$root/story" "$root/stories.mill" ref 'Once upon' 20)
wanted=$("$root/usr/bin/millrace" run "$root/stories.mill" --device ref -p 'Once upon' -n 20)
[ "$told" = "$wanted" ] || { echo "by the library: $told"; echo "by millrace: $wanted"; exit 1; }
rm "$root/story" "$root/stories.mill"

make --no-print-directory uninstall DESTDIR="$root" PREFIX=/usr
left=$(find "$root" -type f)
[ -z "$left" ] || { echo "uninstall left $left"; exit 1; }
