#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# millrace as its user meets it: what goes where, exit statuses, and simulators
# that are not what they should be.
set -u

: "${BUILD:=build}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mill=$work/stories.mill
number=0
failed=0

# check NAME COMMAND...: the command succeeds.
check() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/check" 2>&1; then
        echo "ok $number - $name"
        return
    fi
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/check" "$work/out" "$work/err" 2>/dev/null
    failed=1
}

# millrace ARGUMENT...: runs it into $work/out and $work/err; $status is its exit status.
millrace() {
    "$BUILD/millrace" "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# refuses NAME STATUS MESSAGE ARGUMENT...: nothing on stdout, one message.
refuses() {
    local name=$1 wanted=$2 message=$3
    shift 3
    millrace "$@"
    check "$name: status $wanted" test $status -eq "$wanted"
    check "$name: message" grep -qF -- "$message" "$work/err"
    check "$name: no output" test ! -s "$work/out"
}

# json FILTER: jq finds it true of the output.
# shellcheck disable=SC2317 # check calls it
json() {
    jq -e "$1" "$work/out"
}

"$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$mill" --weights 8 --seq 64 \
    2>"$work/err" || { cat "$work/err"; exit 1; }

millrace --help
check 'help' test $status -eq 0 -a -s "$work/out"
for command in run eval load devices; do
    millrace $command --help
    check "$command: help with an example" grep -q "^  millrace $command" "$work/out"
done
millrace --version
check 'version' grep -qx 'millrace [0-9.]*' "$work/out"
millrace devices
check 'devices' test "$(head -n 4 "$work/out" | cut -d ' ' -f 1 | tr '\n' ' ')" = \
    'float ref sim:DIR usb[:SERIAL] '
millrace devices --json
check 'devices as JSON' json '[.devices[:4][].name] ==
    ["float", "ref", "sim:DIR", "usb[:SERIAL]"]'

refuses 'unknown command' 2 "no command 'walk'" walk
refuses 'no model' 2 'which model?' run --device ref
refuses 'no device' 2 '--device is needed' run "$mill"
refuses 'unknown device' 2 "no device 'gpu'" run "$mill" --device gpu
refuses 'no such board' 1 "no board with the serial number 'none'" run "$mill" --device usb:none
refuses 'load: no memory' 2 'ref has no memory to load' load "$mill" --device ref
refuses 'load: no device' 2 '--device is needed' load "$mill"
refuses 'no such file' 2 "$work/none.mill" run "$work/none.mill" --device ref
refuses 'no .mill file' 2 'not a .mill file' run models/stories260K/tok512.bin --device ref
refuses 'bad number' 2 "--tokens: 'x'" run "$mill" --device ref -n x
refuses 'long prompt' 2 'the context of stories260K has 64' run "$mill" --device ref \
    -p "$(cat models/stories260K/expected_greedy.txt)"
refuses 'wide window' 2 'beyond the context' eval "$mill" README.md --device ref --window 65
: >"$work/empty"
refuses 'empty text' 2 'holds no document' eval "$mill" "$work/empty" --device ref

millrace run "$mill" --device ref -p 'Once upon a time' -n 8
check 'run: text on stdout' test "$(cat "$work/out")" = 'Once upon a time, there was a little girl'
check 'run: summary on stderr' grep -q '8 generated on ref' "$work/err"

millrace run "$mill" --device ref -p 'Once upon a time' -n 8 --check --json
check 'run: nothing but JSON on stdout' test "$(wc -l <"$work/out") $status" = '1 0'
check 'run: tokens' json '.prompt_tokens == [1, 403, 407, 261, 378] and (.tokens | length) == 8'
check 'run: text' json '.text == "Once upon a time, there was a little girl"'
check 'run: how it stopped' json '.stop == "length"'
check 'run: check' json '.check == {positions: 12, logits: (12 * 512), equal: true}'
check 'run: no figures of hardware' json '.tape_bytes > 0 and has("cycles") and
    ([.cycles, .cycles_per_token, .tape_utilisation, .array_utilisation] | all(. == null))'

millrace run "$mill" --device ref --json
check 'run: stops at the end of the context' json \
    '.stop == "context" and (.prompt_tokens + .tokens | length) == 65'

sampled() {
    "$BUILD/millrace" run "$mill" --device ref --temp 1 --seed "$1" --topk "$2" -n 40 2>&-
}
check 'run: a seed gives one text' test "$(sampled 7 5)" = "$(sampled 7 5)"
check 'run: another seed another' test "$(sampled 7 5)" != "$(sampled 8 5)"
check 'run: one candidate is greedy' test "$(sampled 7 1)" = \
    "$("$BUILD/millrace" run "$mill" --device ref -n 40 2>&-)"

refuses 'check: a device that differs' 1 'check: position 0, token 0: the logit is' run "$mill" \
    --device float --check -n 3

printf 'Once upon a time.\n<|endoftext|>\nThe end.\n<|endoftext|>\nMore.\n' >"$work/text"
millrace eval "$mill" "$work/text" --device ref --docs 2 --json
check 'eval: figures' json '.documents == 2 and .bytes == 25 and .tokens > 2 and
    (.perplexity - (.nats_per_token | exp) | fabs) < 1e-6 and
    (.bits_per_byte - .nats_per_token * .tokens / .bytes / (2 | log) | fabs) < 1e-9'
millrace eval "$mill" "$work/text" --device ref --window 3 --json
check 'eval: window' json '.documents == 3 and .tokens == 6'
millrace eval "$mill" "$work/text" --device ref
check 'eval: for people' grep -q 'nats a token, perplexity' "$work/out"

if [ -c /dev/full ]; then
    "$BUILD/millrace" run "$mill" --device ref -n 3 >/dev/full 2>"$work/err"
    check 'a full disk is noticed' test $? -eq 1
fi

# Simulators: folders as millgen emit writes them, with a program that fails.
refuses 'sim: no folder' 2 'no such folder' run "$mill" --device "sim:$work/none"
sim=$work/sim
mkdir "$sim"
refuses 'sim: no design' 2 'design.json' run "$mill" --device "sim:$sim"
echo '{"clock_hz": 50000000, "memory_bytes_per_cycle": 0}' >"$sim/design.json"
refuses 'sim: bad design' 2 'memory_bytes_per_cycle' run "$mill" --device "sim:$sim"
echo '{"clock_hz": 50000000, "memory_bytes_per_cycle": 8}' >"$sim/design.json"
printf 'sim:\n\tfalse\n' >"$sim/Makefile"
refuses 'sim: does not build' 1 'could not be built' run "$mill" --device "sim:$sim"

# simulator LINE...: a shell script that millrace builds and then talks to.
simulator() {
    printf '%s\n' '#!/bin/sh' "$@" >"$sim/sim.sh"
    printf 'sim: sim.sh\n\tcp $< $@ && chmod +x $@\n' >"$sim/Makefile"
    rm -f "$sim/sim"
}
simulator 'exit 3'
refuses 'sim: ends' 1 'ended in the middle of its work with status 3' run "$mill" \
    --device "sim:$sim"
check 'sim: building is announced' grep -q 'building the simulator' "$work/err"
# shellcheck disable=SC2016 # expanded by the simulator
simulator 'kill -SEGV $$'
refuses 'sim: crashes' 1 'killed by signal 11' run "$mill" --device "sim:$sim"
simulator 'while :; do echo nonsense 2>&- || exit; sleep 0.05; done'
refuses 'sim: talks nonsense' 1 'damaged head' run "$mill" --device "sim:$sim"

# One that never answers: Ctrl-C still ends millrace, and the child with it.
simulator "echo \$\$ >$work/pid" 'exec sleep 60'
"$BUILD/millrace" run "$mill" --device "sim:$sim" >"$work/out" 2>"$work/err" &
victim=$!
for _ in $(seq 50); do
    [ -s "$work/pid" ] && break
    sleep 0.1
done
kill -TERM $victim
wait $victim
check 'interrupted: ends by the signal' test $? -eq 143
check 'interrupted: says so' grep -q interrupted "$work/err"
check 'interrupted: leaves no simulator' sh -c "! kill -0 $(cat "$work/pid") 2>&-"

exit $failed
