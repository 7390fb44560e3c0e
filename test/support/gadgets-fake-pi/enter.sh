#!/bin/sh
# enter.sh ROOT COMMAND: run a command in a made-up Raspberry Pi: a directory with this machine's programs (read-only),
# and with files, packages and services of its own. Nothing outside of ROOT can be changed.
set -eu
user=-r
[ "$(id -u)" != 0 ] || user=
# shellcheck disable=SC2086,SC2016 # one word or none; expanded inside
exec unshare $user --mount --propagation private /bin/sh -c '
  mount --bind /usr "$1/usr"
  mount -o remount,bind,ro "$1/usr"
  mount --bind /dev/null "$1/dev/null"
  shift
  exec env -i PATH=/fake/bin:/usr/bin HOME=/home/pi USER=pi SSH_CONNECTION="${SSH_CONNECTION:-}" \
    /usr/sbin/chroot "$0" /bin/sh -c "cd; $1"
' "$1" "$1" "$2"
