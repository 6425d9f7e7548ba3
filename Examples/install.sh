#!/bin/sh
# Builds Sealring and installs it: programs that run on machines without Swift, completions, manual pages.
set -eu

usage() {
    cat <<'TEXT'
usage: install.sh [--prefix DIR] [--scratch-path DIR]
       install.sh --uninstall [--prefix DIR]

  --prefix DIR        where to install: DIR/bin, DIR/share (default: ~/.local)
  --scratch-path DIR  where to build (default: .build-install in the source directory)
  --uninstall         remove what was installed; vaults, settings and AWS files stay
TEXT
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=Examples/packages.sh
. "$root/Examples/packages.sh"

programs="sealring sealring-agent sealring-credential-process sealring-aws"
prefix=
uninstall=
scratch="$root/.build-install"
while [ "$#" -gt 0 ]; do
    case "$1" in
        --prefix | --scratch-path)
            [ -n "${2:-}" ] || fail "$1 needs a directory"
            if [ "$1" = --prefix ]; then prefix=$2; else scratch=$2; fi
            shift
            ;;
        --prefix=?*) prefix=${1#*=} ;;
        --scratch-path=?*) scratch=${1#*=} ;;
        --uninstall) uninstall=yes ;;
        -h | --help) usage && exit 0 ;;
        *)
            printf '%s: error: unknown option or argument: %s\n\n' "${0##*/}" "$1" >&2
            usage >&2
            exit 64
            ;;
    esac
    shift
done
[ -n "$prefix" ] || prefix=${HOME:?it names where to install, without --prefix}/.local

# What the programs of this and of earlier versions put there.
if [ -n "$uninstall" ]; then
    removed=0
    while read -r _ file; do
        if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
        rm -f -- "$file" 2>/dev/null || :
        if [ -e "$file" ] || [ -L "$file" ]; then
            fail "could not remove $file" "run this as a user who may write there"
        fi
        removed=$((removed + 1))
    done <<TEXT
$(installed_files "$prefix")
TEXT
    [ "$removed" -gt 0 ] || fail "Sealring is not installed in $prefix" "name another place with --prefix"
    say "removed $removed files from $prefix; vaults and settings stay"
    if pgrep -u "$(id -u)" -x sealring-agent >/dev/null 2>&1; then
        say "note: an agent is still running: 'pkill -x sealring-agent' locks and ends it"
    fi
    exit 0
fi

# All that can fail at once does so before the build.
command -v swift >/dev/null || fail "no swift found in PATH" \
    "install Swift 6.2 or newer from swift.org, and put its usr/bin into PATH"
found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case "$found" in
    [1-5].* | 6.[01]) fail "this is Swift $found" "install Swift 6.2 or newer from swift.org, and put its usr/bin into PATH first" ;;
esac
if ! mkdir -p -- "$prefix/bin" "$prefix/share" 2>/dev/null; then
    fail "$prefix cannot be written" "choose another place with --prefix"
fi
mkdir -p -- "$scratch" || fail "$scratch cannot be written" "choose another place with --scratch-path"
prefix=$(CDPATH='' cd -- "$prefix" && pwd -P)
scratch=$(CDPATH='' cd -- "$scratch" && pwd -P)
if [ ! -w "$prefix/bin" ] || [ ! -w "$prefix/share" ]; then
    fail "$prefix cannot be written" "choose another place with --prefix"
fi
for file in /usr/include/sodium.h /usr/local/include/sodium.h; do
    if [ -e "$file" ]; then header=$file; fi
done
for file in /usr/lib/libsodium.a /usr/lib64/libsodium.a /usr/lib/*/libsodium.a /usr/local/lib/libsodium.a; do
    if [ -e "$file" ]; then archive=$file; fi
done
if [ -z "${header:-}" ] || [ -z "${archive:-}" ]; then install_packages libsodium-dev; fi
# The program that speaks to AWS has TLS and XML from the system, whose updates it is to get.
for package in libcurl libxml-2.0; do
    if ! pkg-config --exists "$package" 2>/dev/null; then
        install_packages pkg-config libcurl4-openssl-dev libxml2-dev
    fi
done

# Fully static on Linux: it starts faster than any other linking, and needs nothing of the machine it runs on.
# Position-independent all the same, so that no address in it is known beforehand; gold cannot link that.
case "$(uname -s)" in
    Linux)
        flags="--disable-local-rpath -Xswiftc -static-executable -Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -static-pie"
        flags="$flags -Xlinker --pack-dyn-relocs=relr -Xlinker -s -Xlinker --build-id=none"
        ;;
    *) flags= ;;
esac
# What `sealring version --verbose` says.
commit=${SEALRING_COMMIT:-$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || :)}
if [ -n "$commit" ]; then flags="$flags -Xcc -DSEALRING_COMMIT=\"$commit\""; fi

# Only a person who watches wants to know.
progress() { if [ -t 2 ]; then say "$*" >&2; fi; }

# build PRODUCT
build() {
    place=$scratch
    options=$flags
    if [ "$1" = sealring-aws ]; then
        # Static programs cannot load what TLS and name lookups need; only Swift's own library is linked in.
        place=$scratch/aws
        options="--static-swift-stdlib -Xlinker -s -Xlinker --build-id=none"
    fi
    # shellcheck disable=SC2086
    if ! swift build --package-path "$root" --scratch-path "$place" -c release --product "$1" $options \
        >"$scratch/install.log" 2>&1 </dev/null; then
        tail -n 40 "$scratch/install.log" >&2
        fail "swift build --product $1 failed" "the whole output is in $scratch/install.log"
    fi
    program=$place/release/$1
    # Nothing reads these hashes of modules, which differ from place to place.
    if [ -x "$(swift_tools)/llvm-objcopy" ]; then
        "$(swift_tools)/llvm-objcopy" -R .swift_modhash "$program" "$scratch/$1.installed"
        program=$scratch/$1.installed
    fi
}

# The helper as it starts fastest, where what that needs can be had.
build_helper() {
    program=$scratch/sealring-credential-process
    if [ "$(uname -s)" = Linux ] && [ "$(id -u)" -eq 0 ] && [ ! -e "/usr/lib/$(uname -m)-linux-musl/libc.a" ] &&
        command -v apt-get >/dev/null; then
        (install_packages musl-dev) || :
    fi
    status=0
    "$root/Examples/build-helper.sh" "$scratch" "$program" >"$scratch/install.log" 2>&1 </dev/null || status=$?
    case "$status" in
        0) return ;;
        69) say "note: the helper starts slower and is larger than it could be: $(sed 's/^[^:]*: //' "$scratch/install.log")" ;;
        *)
            tail -n 40 "$scratch/install.log" >&2
            fail "the helper could not be built" "the whole output is in $scratch/install.log"
            ;;
    esac
    build sealring-credential-process
}

# put MODE FILE TARGET, so that a program that is running keeps its file and nobody sees half of the new one.
put() {
    mkdir -p -- "${3%/*}"
    install -m "$1" -- "$2" "$3.new"
    mv -f -- "$3.new" "$3"
}

for name in $programs; do
    progress "building $name (minutes the first time)"
    case "$name" in
        sealring-credential-process) build_helper ;;
        *) build "$name" ;;
    esac
    # To run, and not to read: the kernel then lets no other process of the user look into it, from its first
    # instruction on.
    put 111 "$program" "$prefix/bin/$name"
done

made=$(mktemp -d)
trap 'rm -rf -- "$made"' EXIT
for shell in bash zsh fish; do
    "$prefix/bin/sealring" --generate-completion-script "$shell" >"$made/$shell"
done
put 644 "$made/bash" "$prefix/share/bash-completion/completions/sealring"
put 644 "$made/zsh" "$prefix/share/zsh/site-functions/_sealring"
put 644 "$made/fish" "$prefix/share/fish/vendor_completions.d/sealring.fish"

for page in "$root"/Sources/sealring/Manual/*.[1-8]; do
    put 644 "$page" "$prefix/share/man/man${page##*.}/${page##*/}"
done
say "installed version $("$prefix/bin/sealring" --version) in $prefix"

case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) say "note: $prefix/bin is not in PATH" ;;
esac
case "$prefix" in
    *[!A-Za-z0-9/._+,@-]*)
        say "warning: some AWS clients cannot start a program in $prefix: its path has characters that they split or expand"
        ;;
esac
