#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a user's shell offers after a Tab, for both programs.
set -u

# shellcheck source=/dev/null
. completions/millgen
# shellcheck source=/dev/null
. completions/millrace

# `compopt` works only inside readline's own call.
# shellcheck disable=SC2317 # the completions call it
compopt() { :; }

# What `devices --json` says of two boards.
# shellcheck disable=SC2317 # the completions call it
millrace() {
    echo '{"devices": [{"name": "usb:MOCK0001", "serial": "MOCK0001", "speed": "full"},' \
        '{"name": "usb:MOCK0002", "serial": "MOCK0002", "node": ""}]}'
}

number=0
failed=0
# offers FUNCTION WANTED WORD...: the last word is the one to be completed.
offers() {
    local function=$1 wanted=$2
    shift 2
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    "$function"
    number=$((number + 1))
    if [ "${COMPREPLY[*]}" = "$wanted" ]; then
        echo "ok $number - $*"
        return
    fi
    echo "not ok $number - $*: offered '${COMPREPLY[*]}', wanted '$wanted'"
    failed=1
}

offers _millgen 'compile' millgen c
offers _millgen 'boards' millgen bo
offers _millgen '--json' millgen boards --j
offers _millgen '8 4 3 2' millgen compile model --weights ''
offers _millgen '--weights' millgen compile model --we
offers _millgen '--board' millgen emit x.mill --bo
offers _millgen '--json' millgen fit x.mill --j
offers _millrace 'run eval load upscale devices --help --version' millrace ''
offers _millrace 'half' millrace upscale x.mill --subnets h
offers _millrace 'ref' millrace run x.mill --device r
offers _millrace 'sim:' millrace run x.mill --device s
offers _millrace 'testbench' millrace run x.mill --device sim : testb
offers _millrace 'MOCK0001 MOCK0002' millrace run x.mill --device usb :
offers _millrace 'MOCK0002' millrace run x.mill --device usb : MOCK0002
offers _millrace '--watch' millrace devices --w
offers _millrace '--tokens --temp --topk' millrace run x.mill --t
offers _millrace '--docs' millrace eval x.mill text --do
exit $failed
