# shellcheck shell=sh
# Sourced by the scripts that set a machine up.

fail() {
    printf '%s: error: %s\n' "${0##*/}" "$1" >&2
    if [ "$#" -gt 1 ]; then printf '%s: hint: %s\n' "${0##*/}" "$2" >&2; fi
    exit 1
}

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

# installed_files PREFIX prints what an installation there has, each on its line with its mode.
installed_files() {
    for name in sealring sealring-agent sealring-credential-process sealring-aws; do
        printf '111 %s\n' "$1/bin/$name"
    done
    for name in bash-completion/completions/sealring zsh/site-functions/_sealring \
        fish/vendor_completions.d/sealring.fish; do
        printf '644 %s\n' "$1/share/$name"
    done
    for name in "$1"/share/man/man?/sealring.? "$1"/share/man/man?/sealring-*.?; do
        if [ -e "$name" ] || [ -L "$name" ]; then printf '644 %s\n' "$name"; fi
    done
}

# The resources of the Swift in PATH, and the tools that came with it.
swift_resources() { swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p'; }
swift_tools() { printf '%s/bin\n' "$(swift_resources | sed 's|/lib/swift$||')"; }

# install_packages NAME... installs those of the named Debian packages that are missing.
install_packages() {
    missing=
    for package in "$@"; do
        case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :)" in
            *' ok installed') ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || fail "these packages are missing:$missing" \
        "install what your system calls them, then run this again"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "these Debian packages are missing:$missing" \
            "run as root: apt-get install$missing"
        as_root=sudo
    fi
    say "installing$missing with apt-get"
    # The lists of a fresh machine are empty; stale ones can still do.
    $as_root apt-get -q update >/dev/null || say "warning: the package lists could not be updated"
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $missing \
        </dev/null >/dev/null || fail "apt-get could not install$missing"
}
