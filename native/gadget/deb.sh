#!/bin/sh
# deb.sh ARCH OUT: build the Debian package of the gadget's programs for amd64 or arm64 and put it into the directory OUT.
# Prints the file. arm64 is cross-built (gcc-aarch64-linux-gnu, arm64-libraries.sh).
set -eu

arch=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")"
version=$(cat VERSION)

case $arch in
  arm64) target=arm64 ;;
  "$(dpkg --print-architecture)") target=native ;;
  *) echo "deb.sh: cannot build for $arch here" >&2; exit 1 ;;
esac
# A folder of its own: tests may be building in the other ones meanwhile.
build=build/package-$arch
make -s ARCH="$target" BUILD="$build" all >&2

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
./install.sh "$build" "$root"
if [ "$target" = arm64 ]; then strip="aarch64-linux-gnu-strip"; else strip="strip"; fi
"$strip" "$root"/usr/libexec/crosspoint/*
mkdir "$root/DEBIAN"
sed "s/@VERSION@/$version/; s/@ARCH@/$arch/" deb/control > "$root/DEBIAN/control"
for script in postinst prerm postrm; do install -m 755 "deb/$script" "$root/DEBIAN/$script"; done
# The same input gives the same package: files are as old as the newest of their sources.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct -- . 2> /dev/null || echo 0)}
export SOURCE_DATE_EPOCH
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
file=$out/crosspoint-gadget_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$file" > /dev/null
echo "$file"
