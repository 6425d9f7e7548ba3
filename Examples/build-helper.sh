#!/bin/sh
# Builds the helper as Embedded Swift in one module, linked statically with musl: it starts several times faster than
# an ordinary program, and runs in every Linux container, empty ones too.
#
# usage: build-helper.sh SCRATCH OUTPUT
#
# Exits with 69 and the reason if something that it needs is missing; then the ordinary build does.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=Examples/packages.sh
. "$root/Examples/packages.sh"

if [ "$#" -ne 2 ]; then
    printf 'usage: build-helper.sh SCRATCH OUTPUT\n' >&2
    exit 64
fi
mkdir -p -- "$1" "$(dirname -- "$2")"
scratch=$(CDPATH='' cd -- "$1" && pwd -P)/sealring-embedded-helper
output=$(CDPATH='' cd -- "$(dirname -- "$2")" && pwd -P)/${2##*/}

missing() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 69
}

case "$scratch" in
    *[![:print:]]* | *[[:space:]]*) missing "the compiler's options cannot hold the space in $scratch" ;;
esac

[ "$(uname -s)" = Linux ] || missing "the embedded helper is built on Linux only"
machine=$(uname -m)
triple=$machine-unknown-linux-gnu
resources=$(swift_resources)
tools=$(swift_tools)
musl=/usr/lib/$machine-linux-musl
[ -e "$resources/embedded/Swift.swiftmodule/$triple.swiftmodule" ] || missing "this Swift has no Embedded Swift for $triple"
for tool in clang ld.lld; do [ -x "$tools/$tool" ] || missing "this Swift has no $tool beside it"; done
for file in "$musl/rcrt1.o" "$musl/libc.a" "/usr/include/$machine-linux-musl/stdio.h"; do
    [ -e "$file" ] || missing "musl is not installed (Debian: musl-dev)"
done
[ -d /usr/include/linux ] || missing "the headers of Linux are not installed (Debian: linux-libc-dev)"

rm -rf -- "$scratch"
mkdir -p -- "$scratch/linux"
# The headers of Linux, and nothing else of the other C library's.
ln -s /usr/include/linux /usr/include/asm-generic "$scratch/linux/"
asm=/usr/include/$machine-linux-gnu/asm
[ -d "$asm" ] || asm=/usr/include/asm
ln -s "$asm" "$scratch/linux/asm"
printf 'module CPlatform {\n    header "%s"\n    export *\n}\n' "$root/Sources/CPlatform/include/CPlatform.h" \
    >"$scratch/module.modulemap"

# Paths in what is made would differ from place to place.
cd -- "$root"
clang="-nostdlibinc -isystem /usr/include/$machine-linux-musl -isystem $scratch/linux -D_GNU_SOURCE"
imported=
for word in $clang -isystem "$("$tools/clang" -print-resource-dir)/include" -nostdinc \
    "-fmodule-map-file=$scratch/module.modulemap"; do
    imported="$imported -Xcc $word"
done

# swift MODULE WORDS... compiles as the package says, but for warnings: the ordinary build has them as errors, and some
# say here that an import of a module that is part of this one is not needed.
swift_module() {
    module=$1
    shift
    # shellcheck disable=SC2086
    swiftc -target "$triple" -swift-version 6 -package-name sealring -module-name "$module" -parse-as-library -wmo -Osize \
        -enable-experimental-feature Embedded -enable-experimental-feature Lifetimes -strict-memory-safety \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -enable-upcoming-feature MemberImportVisibility -suppress-warnings -I "$scratch" $imported "$@" \
        >"$scratch/log" 2>&1 || {
        cat -- "$scratch/log" >&2
        fail "the embedded helper could not be compiled"
    }
}

# Embedded Swift cannot use these types across modules, so their sources are compiled as one; empty modules of their
# names answer the imports.
modules="AWSValues AgentProtocol Platform SecureMemory"
for module in $modules; do
    : >"$scratch/$module.swift"
    if [ "$module" = Platform ]; then echo '@_exported public import CPlatform' >"$scratch/$module.swift"; fi
    swift_module "$module" -emit-module -emit-module-path "$scratch/$module.swiftmodule" "$scratch/$module.swift"
done
folders=
for module in $modules sealring-credential-process; do folders="$folders Sources/$module"; done
# shellcheck disable=SC2086
files=$(find $folders -name '*.swift' | LC_ALL=C sort)
# shellcheck disable=SC2086
swift_module CredentialHelper -Xfrontend -entry-point-function-name -Xfrontend sealring_main -emit-ir \
    -o "$scratch/helper.ll" $files

# Each function in a section of its own, so that the linker leaves those out that nobody calls.
for part in "$scratch/helper.ll" Sources/CEmbeddedEntry/Entry.c; do
    # shellcheck disable=SC2086
    "$tools/clang" -target "$triple" -Os -fPIE -ffunction-sections -fdata-sections $clang -Wno-unused-command-line-argument \
        -c "$part" -o "$scratch/$(basename -- "${part%.*}").o"
done
# Position-independent, so that no address in it is known beforehand. Tables of Unicode are in it if anything asks for
# them, which should not happen: a test has a limit on the size.
"$tools/ld.lld" -pie --no-dynamic-linker -z relro -z now -z noexecstack -z separate-code --gc-sections -s \
    --build-id=none "$musl/rcrt1.o" "$musl/crti.o" "$scratch/helper.o" "$scratch/Entry.o" \
    "$resources/embedded/$triple/libswiftUnicodeDataTables.a" "$musl/libc.a" "$musl/crtn.o" -o "$output"
