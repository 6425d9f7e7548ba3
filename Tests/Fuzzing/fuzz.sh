#!/bin/bash
# Fuzzes the parsers of untrusted files, each from the committed corpus. Exits with 1 when something was found.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: fuzz.sh SECONDS [TARGET...]
       fuzz.sh --build
       fuzz.sh --targets

  SECONDS    how long each target runs
  TARGET     header, records, config, csv, ini, json, frames or replies (default: all of them)
  --build    only build the fuzzer, .build-fuzz/release/sealring-fuzz
  --targets  list the targets, each with the options that libFuzzer is given for it, separated by tabs

The committed corpus stays as it is. What was found lies in .build-fuzz/found/TARGET: an input that is worth
keeping goes into Tests/Fuzzing/corpus/TARGET under a name that says what it is, where swift test replays it.
TEXT
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
scratch=$root/.build-fuzz
corpus=$root/Tests/Fuzzing/corpus
found=$scratch/found
targets=(header records config csv ini json frames replies)

is_target() {
    local target
    for target in "${targets[@]}"; do
        if [ "$1" = "$target" ]; then return 0; fi
    done
    return 1
}

# The longest input: more of the format than the defaults reach, and little enough to try thousands a second.
length() {
    case "$1" in
        header) echo 8192 ;;
        *) echo 20000 ;;
    esac
}

# options TARGET prints the options of libFuzzer that do not depend on the run, one a line.
options() {
    printf '%s\n' "-max_len=$(length "$1")" -rss_limit_mb=2048 -malloc_limit_mb=256 -timeout=5 -detect_leaks=0
    case "$1" in
        header | records) ;;
        *) echo "-dict=$root/Tests/Fuzzing/words.dict" ;;
    esac
}

only_build=no
case "${1:-}" in
    -h | --help) usage && exit 0 ;;
    --targets)
        for target in "${targets[@]}"; do
            mapfile -t chosen < <(options "$target")
            (IFS=$'\t' && echo "$target"$'\t'"${chosen[*]}")
        done
        exit 0
        ;;
    --build) only_build=yes ;;
    '' | *[!0-9]* | 0*)
        usage >&2
        exit 64
        ;;
esac
seconds=$1
shift
[ "$#" -gt 0 ] || set -- "${targets[@]}"
for target in "$@"; do
    if ! is_target "$target"; then
        echo "fuzz.sh: error: there is no target $target" >&2
        usage >&2
        exit 64
    fi
done

# A later -sanitize replaces an earlier one: this adds the address sanitizer to what SwiftPM sets up for libFuzzer.
mkdir -p "$scratch"
if ! SEALRING_FUZZ=1 swift build --package-path "$root" --scratch-path "$scratch" -c release \
    --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address --product sealring-fuzz \
    >"$scratch/fuzz.log" 2>&1 </dev/null; then
    tail -n 40 "$scratch/fuzz.log" >&2
    echo "fuzz.sh: error: the fuzzer does not build" >&2
    exit 70
fi
if [ "$only_build" = yes ]; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# fuzz TARGET prints its line and fails when something was found.
fuzz() {
    local target=$1 log=$found/$1/log verdict=0
    rm -rf -- "${found:?}/$target"
    mkdir -p "$found/$target" "$work/$target"
    local options
    mapfile -t options < <(options "$target")
    options+=("-max_total_time=$seconds" -print_final_stats=1 "-artifact_prefix=$found/$target/")
    # libFuzzer writes into the first folder, and only reads the second.
    SWIFT_BACKTRACE=enable=no SEALRING_FUZZ_TARGET=$target \
        "$scratch/release/sealring-fuzz" "${options[@]}" "$work/$target" "$corpus/$target" \
        >"$log" 2>&1 </dev/null || verdict=$?
    local executions new crashes
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    new=$(find "$work/$target" -type f | wc -l)
    crashes=$(find "$found/$target" -type f ! -name log | wc -l)
    printf '%-8s %10s executions %6d new inputs %3d crashes\n' "$target" "${executions:-?}" "$new" "$crashes"
    rm -rf -- "${work:?}/$target"
    if [ "$verdict" -eq 0 ] && [ "$crashes" -eq 0 ]; then
        rm -rf -- "${found:?}/$target"
        return 0
    fi
    grep -aE '^(.*Fatal error|==.*ERROR|SUMMARY)' "$log" | cut -c 1-300 | sed 's/^/    /' || :
    echo "    see $found/$target"
    return 1
}

failed=0
for target in "$@"; do fuzz "$target" || failed=1; done
exit "$failed"
