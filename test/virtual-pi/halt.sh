#!/usr/bin/env bash
# halt.sh RUN: end the virtual Pi of that directory at once, as a power cut does.
set -euo pipefail

run=$1
[ -f "$run/qemu.pid" ] || exit 0
pid=$(cat "$run/qemu.pid")
if [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = qemu-system-x86 ]; then
  kill -KILL "$pid"
  while [ -d "/proc/$pid" ]; do sleep 0.05; done
fi
rm -f "$run/qemu.pid" "$run/monitor.in" "$run/monitor.out"
