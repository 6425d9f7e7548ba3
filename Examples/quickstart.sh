#!/bin/sh
# From AWS's CSV to a working AWS CLI, in a scratch home: nothing of yours is read or changed.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=Examples/packages.sh
. "$root/Examples/packages.sh"

keep=
case "${1:-}" in
    '') ;;
    --keep) keep=yes ;;
    -h | --help)
        echo "usage: quickstart.sh [--keep]   (--keep leaves the scratch directory)"
        exit 0
        ;;
    *)
        echo "usage: quickstart.sh [--keep]" >&2
        exit 64
        ;;
esac

umask 077
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sealring-quickstart.XXXXXX")
finish() {
    if [ -d "${home:-}" ]; then in_home sealring lock --stop >/dev/null 2>&1 || :; fi
    if [ -n "$keep" ]; then say "kept $scratch"; else rm -rf -- "$scratch"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

PATH=$scratch/prefix/bin:$PATH "$root/Examples/install.sh" --prefix "$scratch/prefix"

home=$scratch/home
mkdir "$home"
# The key of AWS's own documentation, in the file that the console hands out.
sample=$root/Examples/samples/accessKeys.csv
if [ -e "$sample" ]; then
    cp -- "$sample" "$home/prod_accessKeys.csv"
else
    printf 'Access key ID,Secret access key\r\n%s,%s\r\n' AKIAIOSFODNN7EXAMPLE \
        wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY >"$home/prod_accessKeys.csv"
fi
head -c 24 /dev/urandom | base64 >"$scratch/passphrase"

# The programs see this environment and no more, so that no AWS setting of yours gets in.
path=$scratch/prefix/bin:$PATH
in_home() {
    (cd -- "$home" && env -i HOME="$home" PATH="$path" LANG=C.UTF-8 \
        SEALRING_PASSPHRASE_FILE="$scratch/passphrase" "$@" </dev/null)
}
show() {
    printf '\n$ %s\n' "$*"
    in_home "$@"
}

if ! in_home aws --version >/dev/null 2>&1 || ! in_home python3 -c 'import boto3' 2>/dev/null; then
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then install_packages python3 python3-venv; fi
    say "no AWS CLI with boto3 here: installing both into a virtual environment"
    python3 -m venv "$scratch/venv"
    "$scratch/venv/bin/pip" -q --disable-pip-version-check install awscli boto3
    path=$scratch/prefix/bin:$scratch/venv/bin:$PATH
fi

# The cheapest key derivation, for the sake of a quick demonstration: a real vault takes about a second.
show sealring init --kdf-memory 64 --kdf-passes 3 --recovery-code-file recovery-code
show sealring import prod_accessKeys.csv --name prod --configure --region eu-central-1 --delete-source
show sealring list
show cat .aws/config
show sealring unlock
# From here on nobody has the passphrase but the agent's key.
rm -- "$scratch/passphrase"
show aws configure list --profile prod

printf '\nThe credentials as boto3 resolves them, and where the secret lies in plaintext:\n'
in_home python3 -c '
import pathlib
import boto3

credentials = boto3.Session(profile_name="prod").get_credentials()
key = credentials.get_frozen_credentials()
print("  method     ", credentials.method)
print("  access key ", key.access_key)
print("  secret key ", key.secret_key[:4] + "..., %d characters" % len(key.secret_key))
files = [file for file in pathlib.Path.home().rglob("*") if file.is_file()]
plain = [str(file) for file in files if key.secret_key.encode() in file.read_bytes()]
print("  plaintext  ", ", ".join(plain) or "in none of the %d files of this home" % len(files))
raise SystemExit(bool(plain))
'
show sealring status
show sealring lock --stop

cat <<TEXT

For real use:
  ${0%/*}/install.sh
  sealring init
  sealring import ~/Downloads/NAME_accessKeys.csv --name prod --configure --delete-source

Then 'sealring unlock' once, and 'aws sts get-caller-identity --profile prod' works in every terminal.
TEXT
