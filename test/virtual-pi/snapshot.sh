#!/usr/bin/env bash
# snapshot.sh make IMAGE: boot IMAGE once and keep the running machine in IMAGE/snapshot (done only when it is not there).
# snapshot.sh restore IMAGE RUN PORT: go on from there in about 2 s, with SSH on 127.0.0.1:PORT and a disk of its own in
# RUN. Set the guest's clock afterwards.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
action=$1 image=$2
snapshot=$image/snapshot

monitor() { echo "$2" > "$1/monitor.in"; }

# The monitor answers "completed" or "paused" when it is so; ask until then.
ask_until() { # RUN QUESTION ANSWER
  local tries=600
  until grep -aq "$3" "$1/monitor.log" 2> /dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "virtual Pi: '$2' never gave '$3', see $1" >&2; return 1; }
    monitor "$1" "$2"
    sleep 0.1
  done
}

make_snapshot() {
  local run=$snapshot.new port
  exec 9> "$image/snapshot.lock"
  flock 9
  [ ! -f "$snapshot/complete" ] || return 0
  rm -rf "$snapshot" "$run"
  mkdir "$run"
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  trap '"$here/halt.sh" "$snapshot.new"' EXIT
  "$here/boot.sh" "$image" "$run" "$port" >&2
  # Once through SSH, so that what is only done at the first login is done.
  ssh -q -i "$image/id_ed25519" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p "$port" root@127.0.0.1 sync
  monitor "$run" stop
  monitor "$run" "migrate \"exec:zstd -q -1 > $run/state.zst\""
  ask_until "$run" 'info migrate' completed
  "$here/halt.sh" "$run"
  trap - EXIT
  rm -f "$run"/monitor.* "$run"/*.log
  touch "$run/complete"
  mv "$run" "$snapshot"
  echo "virtual Pi: snapshot of $(du -sh "$snapshot" | cut -f1)" >&2
}

restore() {
  local run=$3 port=$4
  mkdir -p "$run"
  cp --sparse=always --reflink=auto "$snapshot/disk.ext4" "$run/disk.ext4"
  "$here/qemu.sh" "$image" "$run" "$port" -incoming "exec:zstd -q -dc $snapshot/state.zst"
  ask_until "$run" 'info status' 'VM status: paused.$'
  monitor "$run" cont
}

case $action in
  make) make_snapshot ;;
  restore) restore "$@" ;;
  *) echo "usage: snapshot.sh make IMAGE | restore IMAGE RUN PORT" >&2; exit 2 ;;
esac
