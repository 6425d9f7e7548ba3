#!/bin/sh
# Makes the packages of this version: a Debian package and a tarball with the programs, their manual pages and
# completions, and the checksums of both. The same source gives the same bytes.
set -eu
umask 022

usage() {
    cat <<'TEXT'
usage: package.sh [--verify | --from PREFIX] [--output DIR] [--scratch-path DIR]

  --verify            build a second time from a copy elsewhere, and compare
  --from PREFIX       package what install.sh has installed there, instead of building
  --output DIR        where the packages are put (default: dist in the source directory)
  --scratch-path DIR  where to build (default: .build-package in the source directory)
TEXT
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=Examples/packages.sh
. "$root/Examples/packages.sh"

verify=
from=
output=$root/dist
scratch=$root/.build-package
while [ "$#" -gt 0 ]; do
    case "$1" in
        --verify) verify=yes ;;
        --output | --scratch-path | --from)
            [ -n "${2:-}" ] || fail "$1 needs a directory"
            case "$1" in
                --output) output=$2 ;;
                --from) from=$2 ;;
                *) scratch=$2 ;;
            esac
            shift
            ;;
        -h | --help) usage && exit 0 ;;
        *)
            printf '%s: error: unknown option or argument: %s\n\n' "${0##*/}" "$1" >&2
            usage >&2
            exit 64
            ;;
    esac
    shift
done

command -v dpkg-deb >/dev/null || fail "no dpkg-deb found in PATH" "build packages on Debian or Ubuntu"
install_packages dpkg-dev musl-dev
mkdir -p -- "$output" "$scratch/sealring-package"
output=$(CDPATH='' cd -- "$output" && pwd -P)
# What is made there is removed before it is made again, and nothing else.
scratch=$(CDPATH='' cd -- "$scratch/sealring-package" && pwd -P)
if [ -n "$from" ]; then from=$(CDPATH='' cd -- "$from" && pwd -P); fi

version=$(sed -n 's/.*text: StaticString { "\(.*\)" }/\1/p' "$root/Sources/AgentProtocol/ProgramVersion.swift")
[ -n "$version" ] || fail "the version is not where it was: Sources/AgentProtocol/ProgramVersion.swift"
architecture=$(dpkg --print-architecture)
machine=$(uname -m)
# The time of the last commit, for whatever holds one; of a tree that is in no repository, that of the notes about it.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$(stat -c %Y "$root/README.md")
fi
commit=${SEALRING_COMMIT:-$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)}
export SOURCE_DATE_EPOCH SEALRING_COMMIT="$commit"

# fill TEMPLATE TARGET
fill() {
    sed -e "s/@VERSION@/$version/" -e "s/@COMMIT@/$commit/" -e "s/@ARCHITECTURE@/$architecture/" \
        -e "s/@DATE@/$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")/" -e "s/@DEPENDS@/${depends:-}/" \
        -e "s/@SIZE@/${size:-0}/" "$root/Examples/debian/$1" >"$2"
    chmod 644 "$2"
}

# Everything that a person gets, in TREE.
stage() {
    rm -rf -- "$1"
    source=$from
    if [ -z "$source" ]; then
        source=$scratch/installed
        rm -rf -- "$source"
        "$root/Examples/install.sh" --prefix "$source" --scratch-path "$scratch/build" >/dev/null
    fi
    # Nothing else of the place, which may be a home.
    installed_files "$source" >"$scratch/files"
    while read -r mode file; do
        if [ ! -f "$file" ] || [ -L "$file" ]; then
            fail "$file is missing, or is a link" "install again, then package"
        fi
        target=$1/usr/${file#"$source"/}
        mkdir -p -- "${target%/*}"
        install -m "$mode" -- "$file" "$target"
    done <"$scratch/files"
    mkdir -p "$1/usr/lib/systemd/user" "$1/usr/share/doc/sealring"
    for unit in sealring-agent.service sealring-agent.socket; do
        sed 's|%h/.local/bin/|/usr/bin/|; s|Install both files into ~/.config/systemd/user/, then:|Enable it with:|' \
            "$root/Examples/systemd/$unit" >"$1/usr/lib/systemd/user/$unit"
        chmod 644 "$1/usr/lib/systemd/user/$unit"
    done
    cp -R -- "$root/README.md" "$root/SECURITY.md" "$root/Examples/samples" "$1/usr/share/doc/sealring/"
    chmod -R u=rwX,go=rX "$1/usr/share/doc"
}

# The times and owners of all files in TREE.
settle() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

make_tarball() {
    name=sealring-$version-linux-$machine
    tree=$scratch/$name
    rm -rf -- "$tree"
    cp -R -- "$scratch/tree/usr" "$tree"
    # For a home: `cp -R bin share ~/.local/`.
    rm -rf -- "${tree:?}/lib"
    settle "$tree"
    # To run, and not to read, as install.sh puts them: here their user owns them.
    tar -C "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --exclude='*/bin/*' -cf "$scratch/$name.tar" "$name"
    (cd -- "$scratch" && tar --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --mode=0111 \
        -rf "$name.tar" "$name"/bin/sealring*)
    gzip -9n <"$scratch/$name.tar" >"$output/$name.tar.gz"
}

make_package() {
    tree=$scratch/tree
    # Root owns them here, so that nobody else can read them.
    chmod 711 "$tree"/usr/bin/sealring*
    mkdir -p "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/lintian/overrides" "$tree/DEBIAN"
    mv "$tree"/usr/share/zsh/site-functions/* "$tree/usr/share/zsh/vendor-completions/"
    rmdir "$tree/usr/share/zsh/site-functions"
    # It is read by a shell, and started by nobody.
    sed -i '1{/^#!/d}' "$tree/usr/share/bash-completion/completions/sealring"
    find "$tree/usr/share/man" -type f -exec gzip -9n {} +
    fill copyright "$tree/usr/share/doc/sealring/copyright"
    fill changelog "$tree/usr/share/doc/sealring/changelog"
    gzip -9n "$tree/usr/share/doc/sealring/changelog"
    fill lintian-overrides "$tree/usr/share/lintian/overrides/sealring"
    # One program has libraries of the machine.
    mkdir -p "$scratch/shlibs/debian"
    printf 'Source: sealring\n\nPackage: sealring\nArchitecture: any\n' >"$scratch/shlibs/debian/control"
    depends=$(cd "$scratch/shlibs" && dpkg-shlibdeps -O "$tree/usr/bin/sealring-aws" 2>/dev/null |
        sed -n 's/^shlibs:Depends=//p')
    [ -n "$depends" ] || fail "dpkg-shlibdeps names no library of sealring-aws"
    size=$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f1)
    (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    chmod 644 "$tree/DEBIAN/md5sums"
    fill control "$tree/DEBIAN/control"
    settle "$tree"
    dpkg-deb --root-owner-group --build "$tree" "$output/sealring_${version}_$architecture.deb" >/dev/null
}

say "building version $version ($commit)"
stage "$scratch/tree"
make_tarball
make_package
(cd "$output" && sha256sum "sealring_${version}_$architecture.deb" "sealring-$version-linux-$machine.tar.gz" >SHA256SUMS)
say "made the packages in $output"

if [ -n "$verify" ]; then
    copy=$(mktemp -d)
    trap 'rm -rf -- "$copy"' EXIT
    mkdir "$copy/source"
    cp -R -- "$root/Package.swift" "$root/Sources" "$root/Examples" "$root/Tests" "$root/README.md" "$root/SECURITY.md" \
        "$copy/source/"
    say "building the same version again elsewhere"
    "$copy/source/Examples/package.sh" --output "$copy/dist" --scratch-path "$copy/scratch"
    if ! cmp -- "$output/SHA256SUMS" "$copy/dist/SHA256SUMS"; then
        fail "two builds of the same source differ" "compare $output with a second build: package.sh --output DIR"
    fi
    say "both builds are the same, byte for byte"
fi
