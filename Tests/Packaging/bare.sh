#!/bin/bash
# Makes the packages twice and compares them, checks the Debian package with lintian, installs it in a bare Debian 12
# with apt, uses it there as a person would, and removes it. Takes several minutes, and needs root and the network.
#
# usage: bare.sh [--from PREFIX]    (--from packages what install.sh has installed there, once)
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=Examples/packages.sh
. "$root/Examples/packages.sh"

options=(--verify)
if [ "${1:-}" = --from ]; then options=(--from "${2:?a directory}"); fi
[ "$(id -u)" -eq 0 ] || fail "only root can make a bare system" "run it with sudo"
install_packages lintian debootstrap bubblewrap

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
"$root/Examples/package.sh" "${options[@]}" --output "$work/dist" --scratch-path "$work/scratch"
package=$(echo "$work"/dist/*.deb)
lintian --fail-on error,warning --tag-display-limit 0 "$package"

bare=$work/bare
# From where this machine has its own packages.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(SITE)' | grep -v security | head -n 1)
debootstrap --variant=minbase bookworm "$bare" "$mirror" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    fail "debootstrap could not make a bare Debian 12"
}
rm -f -- "$bare/etc/apt/sources.list"
cp -R /etc/apt/. "$bare/etc/apt/"
cp -- "$package" "$bare/root/sealring.deb"
cp -- "$root/Examples/samples/accessKeys.csv" "$bare/root/prod_accessKeys.csv"
cp -L /etc/resolv.conf "$bare/etc/resolv.conf"

# In the bare system, as the person who has it.
inside() {
    bwrap --bind "$bare" / --proc /proc --dev /dev --tmpfs /run --unshare-pid --die-with-parent --clearenv \
        --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv HOME /root --setenv DEBIAN_FRONTEND noninteractive \
        --chdir /root /bin/sh -euc "$1"
}
# shellcheck disable=SC2016 # It is for the shell inside.
inside '
    apt-get -q update >/dev/null
    apt-get -qy install ./sealring.deb >/dev/null
    test ! -e /root/.local/state/sealring
    umask 077
    echo "correct horse battery staple 7" >/root/passphrase
    export SEALRING_PASSPHRASE_FILE=/root/passphrase
    sealring init --kdf-memory 64 --kdf-passes 3 --no-recovery-code
    sealring import prod_accessKeys.csv --name prod --no-configure
    sealring unlock
    sealring-credential-process prod | grep -q SecretAccessKey
    sealring status
    sealring lock --stop
    test -e /usr/share/man/man1/sealring.1.gz || test ! -e /usr/share/man/man1
    apt-get -qy purge sealring >/dev/null
    test ! -e /usr/bin/sealring
    test -s /root/.local/share/sealring/vault
'
say "the package installs, works and leaves the vault alone"
