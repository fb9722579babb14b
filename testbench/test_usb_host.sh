#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# millrace with boards on USB that are not there: umockdev shows it software boards
# (testbench/usb_host/mock_bus.c), which misbehave as they are told. Whatever befalls,
# the text is the reference's or a beginning of it followed by a clear error.
set -u

: "${BUILD:=build}"
mock=$BUILD/testbench/usb_host/mock_bus
[ -x "$mock" ] || { echo 'ok - usb host # SKIP umockdev is not here'; exit 0; }
# A sanitizer's library has to be there before umockdev's.
[ -z "${SANITIZED:-}" ] || export MOCK_PRELOAD="${MOCK_PRELOAD:-$(cc -print-file-name=libasan.so)}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mill=$work/stories.mill
millrace=$BUILD/millrace
export BUILD millrace mill work
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

# on_bus OPTION... -- ARGUMENT...: runs millrace with its output in $work/out, $work/err.
on_bus() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    timeout 300 "$mock" "${options[@]}" "$mill" "$BUILD/millrace" "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# bus OPTION...: the same of the script on standard input, which finds $millrace,
# $mill and $work.
bus() {
    timeout 300 "$mock" "$@" "$mill" bash -u /dev/stdin >"$work/out" 2>"$work/err"
    status=$?
}

compile() {
    "$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$work/$1.mill" --seq 64 \
        --weights "$2" 2>"$work/err" || { cat "$work/err"; exit 1; }
}
compile stories 8
compile other 4
text=$("$BUILD/millrace" run "$mill" --device ref -p 'Once upon' -n 24 2>&-)
story=(run "$mill" -p 'Once upon' -n 24)

# shellcheck disable=SC2317 # check calls it
told() {
    test "$status" -eq 0 -a "$(cat "$work/out")" = "$text"
}

# shellcheck disable=SC2317 # check calls it
begun() {
    [[ $text == "$(cat "$work/out")"* ]]
}

on_bus -- devices --json
check 'devices: what the board says of itself' jq -e '.devices[] | select(.name == "usb:MOCK0001") |
    .board == "software" and .columns == 3 and .lanes == 16 and .memory_bytes == .tape_bytes and
    .speed == "high, 480 Mbit/s" and .tape == "unknown" and .streams and .available' "$work/out"
on_bus -- "${story[@]}" --device usb
check 'run: the text is the reference'"'"'s' told
on_bus -- run "$mill" --device usb:MOCK0001 -p 'Once upon' -n 24 --check --json
check 'run: every logit is' jq -e '.check.equal and .device == "usb:MOCK0001"' "$work/out"
timeout 300 "$mock" "$mill" "$BUILD/testbench/story" "$mill" usb 'Once upon' 24 \
    >"$work/out" 2>"$work/err"
status=$?
check 'the library: the example tells it too' told
on_bus -- "${story[@]}" --device usb --stream
check 'stream: the text is the reference'"'"'s' told
on_bus -- run "$mill" --device usb --stream -p 'Once upon' -n 24 --check --json
check 'stream: every logit is' jq -e '.check.equal' "$work/out"
"$millrace" run "$mill" --device ref --stream >"$work/out" 2>"$work/err"
check 'stream: not on ref' grep -q 'ref has no link to stream a tape over' "$work/err"
on_bus -- load "$mill" --device usb
check 'load' grep -q 'bytes of tape loaded into usb:MOCK0001 and verified' "$work/err"
on_bus -- run "$work/other.mill" --device usb
check 'another model: status' test $status -eq 2 -a ! -s "$work/out"
check 'another model: message' grep -q 'made for another model than stories260K' "$work/err"

on_bus --boards 2 -- "${story[@]}" --device usb
check 'two boards: which?' grep -q 'say which: usb:MOCK000., usb:MOCK000.' "$work/err"
on_bus --boards 2 -- "${story[@]}" --device usb:MOCK0002
check 'two boards: by serial number' told
on_bus --boards 2 -- run "$mill" --device usb:MOCK0003
check 'two boards: none of that number' grep -q "serial number 'MOCK0003'" "$work/err"
# umockdev cannot always answer two processes that begin in the same moment.
bus --boards 2 <<'END'
for board in 1 2; do
    "$millrace" run "$mill" --device usb:MOCK000$board -p 'Once upon' -n 24 >"$work/$board" &
    until [ -s "$work/$board" ]; do sleep 0.01; done
done
wait
cmp "$work/1" "$work/2" && cat "$work/1"
END
check 'two boards: at once' told

# The first cannot go on: nobody reads what it says, into a pipe that is full.
bus --held "$work" <<'END'
mkfifo "$work/pipe"
exec 3<>"$work/pipe"
dd if=/dev/zero bs=4096 oflag=nonblock >&3 2>&-
"$millrace" run "$mill" --device usb -p 'Once upon' -n 24 >"$work/pipe" &
until [ -e "$work/MOCK0001" ]; do sleep 0.01; done
"$millrace" run "$mill" --device usb >"$work/second" 2>&1
echo $? >"$work/status"
exec 4<"$work/pipe" 3>&-
tr -d '\0' <&4
wait $!
END
check 'in use: the first goes on' told
check 'in use: the second is refused' grep -q 'in use by another process; `fuser /dev/bus/usb' \
    "$work/second"
check 'in use: status' test "$(cat "$work/status")" -eq 1

# A kernel sees at once that a process is no more, and mock_bus a little later.
bus --held "$work" <<'END'
for delay in 0 0.01 0.02 0.03 0.04 0.05 0.06; do
    "$millrace" run "$mill" --device usb >"$work/victim" 2>&1 &
    until [ -e "$work/MOCK0001" ] || ! kill -0 $!; do sleep 0.01; done
    sleep $delay
    kill -KILL $!
    wait $!
    while [ -e "$work/MOCK0001" ]; do sleep 0.01; done
done
"$millrace" run "$mill" --device usb -p 'Once upon' -n 24
END
check 'killed hosts leave nothing behind' told

# A fault that comes once, or now and then, is mended.
for fault in stall error corrupt lose; do
    for way in in out; do
        for at in 1 5 20 600; do
            on_bus --fault $fault-$way:$at -- "${story[@]}" --device usb
            check "$fault-$way at packet $at" told
        done
    done
    [ $fault = lose ] || on_bus --fault $fault-in:30:40 -- "${story[@]}" --device usb
    check "$fault-in again and again" told
done

# The same in the middle of a tape that is sent with every pass, which has some 600 packets.
for fault in stall error corrupt lose; do
    for at in out:300 out:900 out:2500 in:4; do
        # The loss of a pass's reply is found only after a minute.
        case $fault-$at in lose-in*) continue ;; esac
        on_bus --fault $fault-$at -- "${story[@]}" --device usb --stream
        check "stream, $fault-$at" told
    done
done

# One that stays ends in a message, and what was printed before is right.
for fault in stall-in error-in corrupt-in stall-out error-out corrupt-out; do
    on_bus --fault $fault:600:1 -- "${story[@]}" --device usb
    check "$fault for good: fails" test $status -eq 1 -o "$(cat "$work/out")" = "$text"
    check "$fault for good: nothing wrong is printed" begun
done

# Unplugged while its tape is loaded, or in the middle of the text.
for at in unplug-out:3 unplug-out:500 unplug-out:570 unplug-in:14 unplug-in:40; do
    on_bus --fault $at --back 300 -- "${story[@]}" --device usb
    case $at in
        unplug-out:3 | unplug-out:500)
            check "$at: says so" grep -q 'the board was unplugged' "$work/err" ;;
        *)
            check "$at: goes on where it was" told
            check "$at: says so" grep -q 'unplugged; waiting 30 s' "$work/err" ;;
    esac
done
on_bus --fault unplug-out:3000 --back 300 -- "${story[@]}" --device usb --stream
check 'unplugged in mid-stream: goes on where it was' told
check 'unplugged in mid-stream: says so' grep -q 'unplugged; waiting 30 s' "$work/err"
on_bus --fault corrupt-out:900:1 -- "${story[@]}" --device usb --stream
check 'stream, corrupt-out for good: fails' test $status -eq 1
check 'stream, corrupt-out for good: nothing wrong is printed' begun

# Boards that come and go: told by udev, for the board is away too shortly to be looked for.
told_by_udev() {
    LD_PRELOAD="${MOCK_PRELOAD:-} libumockdev-preload.so.0" bus "$@"
}
told_by_udev --boards 2 --back 100 <<'END'
lines() {
    until [ "$(wc -l <"$work/watched")" -ge $1 ]; do sleep 0.01; done
}
"$millrace" devices --watch --json >"$work/watched" &
lines 2
kill -USR1 $PPID
lines 4
kill -TERM $!
wait $!
END
check 'devices --watch: a signal ends it' test $status -eq 143
check 'devices --watch: what is there, what leaves, what arrives' jq -se '
    (map(.event) == ["arrived", "arrived", "left", "arrived"]) and
    (map(.name)[:2] | sort) == ["usb:MOCK0001", "usb:MOCK0002"] and
    (.[2:] | all(.name == "usb:MOCK0001" and .available))' "$work/watched"
told_by_udev --back 100 <<'END'
"$BUILD/testbench/boards" 3 >"$work/changes" &
until [ -s "$work/changes" ]; do sleep 0.01; done
kill -USR1 $PPID
wait $!
END
check 'the library: what is there, leaves and arrives' cmp "$work/changes" - <<'END'
usb:MOCK0001 arrived, high, 480 Mbit/s
usb:MOCK0001 left, high, 480 Mbit/s
usb:MOCK0001 arrived, high, 480 Mbit/s
END
# umockdev aborts a process whose call it cannot answer since the board has just left; that
# says nothing of ours.
for _ in 1 2 3 4 5; do
    told_by_udev --fault unplug-in:40 --back 300 <<'END'
"$millrace" run "$mill" --device usb -p 'Once upon' -n 24
END
    grep -q 'libumockdev-preload: Error communicating' "$work/err" || break
done
if grep -q 'libumockdev-preload: Error communicating' "$work/err"; then
    number=$((number + 1))
    echo "ok $number - unplugged: goes on when udev tells of its arrival # SKIP umockdev aborts it"
else
    check 'unplugged: goes on when udev tells of its arrival' told
fi
bus --fault unplug-in:40 <<'END'
"$millrace" run "$mill" --device usb -p 'Once upon' -n 24 2>"$work/away" &
until grep -q waiting "$work/away"; do sleep 0.01; done
kill -TERM $!
wait $!
END
check 'unplugged for good: a signal ends it' test $status -eq 143
check 'unplugged for good: nothing wrong is printed' begun
exit $failed
