#!/usr/bin/env bash
# boot.sh IMAGE RUN PORT: boot the virtual Pi from IMAGE (a directory that image.sh printed), with its state in the
# directory RUN and SSH on 127.0.0.1:PORT. Returns when SSH answers. Stop it with `halt.sh RUN`; booted again in the same
# RUN it finds its disk as it left it.
# BOOT_SECONDS: the deadline (default 180).
set -euo pipefail

image=$1 run=$2 port=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$run"
[ -f "$run/disk.ext4" ] || cp --sparse=always --reflink=auto "$image/root.ext4" "$run/disk.ext4"
start=$(date +%s%N)
"$here/qemu.sh" "$image" "$run" "$port"
# The port is left alone until the guest says that it listens: connections before that make QEMU's network back off.
until grep -q GUEST-READY "$run/console.log" 2> /dev/null; do
  sleep 0.1
  if [ $((($(date +%s%N) - start) / 1000000000)) -ge "${BOOT_SECONDS:-180}" ]; then
    echo "virtual Pi: not ready after ${BOOT_SECONDS:-180} s, see $run/console.log" >&2
    "$here/halt.sh" "$run"
    exit 1
  fi
done
echo "virtual Pi: booted in $((($(date +%s%N) - start) / 1000000)) ms"
