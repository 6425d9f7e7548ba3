#!/bin/bash
# Builds and tests everything, or the named steps with what they need. Exits non-zero if anything failed.
#
# shellcheck disable=SC2317 # Steps are called by their names.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
# shellcheck source=Examples/packages.sh
. Examples/packages.sh

work=$root/.build-tests
venv=$work/venv
prefix=$work/prefix

# The steps in their order; each is a function of that name, with "_" for "-".
steps=(packages python format build unit documentation library install installed end-to-end quick-start)
declare -A needs=(
    [format]="packages python" [build]=packages [unit]=build [documentation]=packages [library]=packages
    [install]=packages [installed]=install [end-to-end]="build install python" [quick-start]="install python"
)
declare -A about=(
    [packages]="install the Debian packages that are missing"
    [python]="make the Python environment of the tests"
    [format]="check formatting, types and common mistakes of all sources"
    [build]="build the programs and their unit tests"
    [unit]="run the unit tests"
    [documentation]="build the documentation, without a warning"
    [library]="build a package that uses the libraries"
    [install]="build the optimized programs and install them into .build-tests"
    [installed]="start the installed programs as on another machine"
    [end-to-end]="run the tests of the installed programs"
    [quick-start]="run the example of the quick start"
)

usage() {
    printf 'usage: %s [--list] [STEP...]\n\nsteps, all of them by default:\n' "${0##*/}"
    local name
    for name in "${steps[@]}"; do printf '  %-14s %s\n' "$name" "${about[$name]}"; done
}

packages() {
    install_packages libsodium-dev libcurl4-openssl-dev libxml2-dev musl-dev pkg-config strace shellcheck mandoc
}

python() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then install_packages python3 python3-venv; fi
    python3 -m venv "$venv" &&
        "$venv/bin/pip" -q --disable-pip-version-check install -r Tests/EndToEnd/requirements.txt
}

format() {
    local status=0 scripts=() pages=()
    mapfile -d '' -t scripts < <(find Tests Examples -name '*.sh' -print0)
    mapfile -d '' -t pages < <(find Sources Examples -name '*.[1-8]' -print0)
    swift format lint --strict -r Sources Tests Package.swift Examples || status=1
    "$venv/bin/ruff" check -q --no-cache Tests Examples || status=1
    "$venv/bin/ruff" format -q --check --no-cache Tests Examples || status=1
    # The tests themselves use fixtures, which mypy cannot see into.
    "$venv/bin/mypy" --no-error-summary Tests/EndToEnd/support Tests/Benchmarks/*.py Tests/Fuzzing/*.py \
        Tests/Campaigns/*.py Tests/Oracles/*.py Examples/*.py || status=1
    shellcheck -x "${scripts[@]}" || status=1
    if [ "${#pages[@]}" -gt 0 ]; then mandoc -T lint -W warning "${pages[@]}" || status=1; fi
    return "$status"
}

build() { swift build --build-tests; }

unit() { swift test --skip-build; }

documentation() {
    swift package generate-documentation --target CredentialVault --target SealringCredentials --target AgentProtocol \
        --target sealring \
        --symbol-graph-minimum-access-level public --warnings-as-errors
}

library() { swift build --package-path Examples/EmbedVault --scratch-path .build-embed; }

install() { Examples/install.sh --prefix "$prefix"; }

# As a person on another machine finds it: no Swift in reach, and no environment.
installed() {
    [ -n "$(env -i "$prefix/bin/sealring" --version)" ] &&
        [ -n "$(env -i "$prefix/bin/sealring" --help)" ] &&
        grep -q _sealring "$prefix/share/bash-completion/completions/sealring" &&
        grep -q kdf-memory "$prefix/share/man/man1/sealring-init.1" &&
        grep -q Argon2id13 "$prefix/share/man/man5/sealring-vault.5"
}

end_to_end() {
    # Sockets lie in the homes of the tests, and have short paths only. Much of the time is waiting, so that four
    # files at once take less than half of it; the tests of a file stay in their order.
    local homes status=0
    homes=$(mktemp -d /tmp/sealring-XXXXXX)
    SEALRING_BIN_DIR="$prefix/bin" PATH="$venv/bin:$PATH" "$venv/bin/python" -m pytest -q -n 4 --dist loadfile \
        -p no:cacheprovider --basetemp="$homes/e" Tests/EndToEnd || status=$?
    rm -rf "$homes"
    return "$status"
}

quick_start() { PATH="$venv/bin:$PATH" Examples/quickstart.sh; }

declare -A result=()
summary=

# run STEP runs what it needs and then the step itself, unless they have been run.
run() {
    local name=$1 start verdict=ok need
    [ -z "${result[$name]:-}" ] || return 0
    for need in ${needs[$name]:-}; do
        run "$need"
        [ "${result[$need]}" = ok ] || verdict=skipped
    done
    start=$SECONDS
    if [ "$verdict" = ok ]; then
        printf '\n== %s: %s\n' "$name" "${about[$name]}"
        # A subshell: what exits inside must not take the summary with it.
        ("${name//-/_}") </dev/null || verdict=FAILED
    fi
    result[$name]=$verdict
    summary+=$(printf '%-16s %-8s %4d s' "$name" "$verdict" $((SECONDS - start)))$'\n'
}

for name in "$@"; do
    case "$name" in
        --list) usage && exit 0 ;;
    esac
    if [ -z "${about[$name]:-}" ]; then
        {
            printf '%s: error: unknown step: %s\n\n' "${0##*/}" "$name"
            usage
        } >&2
        exit 64
    fi
done

command -v swift >/dev/null || fail "no swift found in PATH" "install Swift 6.2 or newer from swift.org"
mkdir -p "$work"
if [ "$#" -eq 0 ]; then set -- "${steps[@]}"; fi
for name in "$@"; do run "$name"; done

passed=0
for verdict in "${result[@]}"; do
    if [ "$verdict" = ok ]; then passed=$((passed + 1)); fi
done
printf '\n== summary (%d s)\n%s\n%d passed, %d failed or skipped\n' "$SECONDS" "$summary" "$passed" $((${#result[@]} - passed))
[ "$passed" -eq "${#result[@]}" ]
