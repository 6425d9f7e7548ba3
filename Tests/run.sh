#!/bin/bash
# Installs what the tests need, then builds and tests everything. Exits non-zero when anything failed.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$root"
# shellcheck source=Examples/packages.sh
. Examples/packages.sh

work=$root/.build-tests
venv=$work/venv
prefix=$work/prefix
mkdir -p "$work"

passed=0 failed=0 summary=

# step NAME COMMAND... runs one part of the suite and notes how it ended.
step() {
    local name=$1 start=$SECONDS verdict
    shift
    printf '\n== %s\n' "$name"
    # A subshell: what exits inside must not take the summary with it.
    if ("$@") </dev/null; then
        verdict=ok
        passed=$((passed + 1))
    else
        verdict=FAILED
        failed=$((failed + 1))
    fi
    summary+=$(printf '%-42s %-6s %4d s' "$name" "$verdict" $((SECONDS - start)))$'\n'
    [ "$verdict" = ok ]
}

finish() {
    printf '\n== summary (%d s)\n%s\n%d passed, %d failed\n' "$SECONDS" "$summary" "$passed" "$failed"
    [ "$failed" -eq 0 ]
    exit
}

# must NAME COMMAND... is a step without which the others mean nothing.
must() { step "$@" || finish; }

python_environment() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then install_packages python3 python3-venv; fi
    python3 -m venv "$venv" &&
        "$venv/bin/pip" -q --disable-pip-version-check install -r Tests/EndToEnd/requirements.txt
}

lint() { swift format lint --strict -r Sources Tests Package.swift Examples; }

documentation() {
    swift package generate-documentation --target CredentialVault --target AgentProtocol --target sealring \
        --symbol-graph-minimum-access-level public --warnings-as-errors
}

# As a person on another machine finds it: no Swift in reach, and no environment.
smoke() {
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

command -v swift >/dev/null || fail "no swift found in PATH" "install Swift 6.2 or newer from swift.org"

must "Debian packages" install_packages \
    libsodium-dev libcurl4-openssl-dev libxml2-dev pkg-config strace
must "Python environment" python_environment
step "format" lint || :
must "build" swift build --build-tests
step "unit tests" swift test --skip-build || :
step "documentation" documentation || :
step "a package that uses the library" \
    swift build --package-path Examples/EmbedVault --scratch-path .build-embed || :
must "installation" Examples/install.sh --prefix "$prefix"
step "installed program" smoke || :
step "end to end" end_to_end || :
step "quick start" env PATH="$venv/bin:$PATH" Examples/quickstart.sh || :
finish
