#!/bin/sh
# arm64-libraries.sh: fetch what crosspoint-audio needs to be linked for arm64 (headers and libraries of ALSA and
# PulseAudio), once, from the mirror that this machine's apt uses, and print the directory. Nothing is installed.
# Cache: ${XDG_CACHE_HOME:-~/.cache}/crosspoint/gadget-arm64.
set -eu

packages='libasound2 libasound2-dev libpulse0 libpulse-dev'
dir=${XDG_CACHE_HOME:-$HOME/.cache}/crosspoint/gadget-arm64
if [ -f "$dir/complete" ]; then
  echo "$dir"
  exit 0
fi
mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root" "$work/include" "$work/lib"
: > "$work/status"

apt() { # an apt of its own: this machine's sources, another architecture, nothing shared
  apt-get -q -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$work" -o Dir::State::Lists="$work/lists" \
    -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@" >&2
}
apt update
# shellcheck disable=SC2086 # one word per package
(cd "$work/debs" && apt download $packages)
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
cp -r "$work/root/usr/include/alsa" "$work/root/usr/include/pulse" "$work/include/"
cp -P "$work/root"/usr/lib/aarch64-linux-gnu/libasound.so* "$work/root"/usr/lib/aarch64-linux-gnu/libpulse.so* "$work/lib/"
rm -rf "$work/root" "$work/debs" "$work/lists" "$work/cache" "$work/status"
touch "$work/complete"
rm -rf "$dir"
mv "$work" "$dir"
echo "$dir"
