#!/usr/bin/env bash
# root.sh ROOT: unpack a clean Debian with systemd into the directory ROOT.
#
# It is made once by mmdebstrap and kept, with the archives that apt fetches later, in
# ${XDG_CACHE_HOME:-~/.cache}/crosspoint/packages. Needs root.
set -euo pipefail

suite=trixie
packages=systemd-sysv,dbus,dbus-user-session,libpam-systemd
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crosspoint/packages
key=$(sha256sum "$0" | cut -c1-16)
tar=$cache/$key.tar

say() { echo "clean Debian: $*" >&2; }
[ "$(id -u)" = 0 ] || { say "needs root"; exit 1; }
mkdir -p "$cache/archives"
exec 9> "$cache/lock"
flock 9
if [ ! -f "$tar" ]; then
  # The mirror is the one that this machine's own apt uses.
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
  [ -n "$mirror" ] || { say "apt on this machine has no mirror"; exit 1; }
  say "making $suite"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" |
    mmdebstrap --quiet --variant=minbase --mode=root --format=tar --include="$packages" \
      --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/locale/*' \
      "$suite" "$tar.new" - >&2
  mv "$tar.new" "$tar"
fi
flock -u 9
mkdir -p "$1"
tar -C "$1" -xpf "$tar" --xattrs --xattrs-include='*'
