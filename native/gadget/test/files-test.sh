#!/bin/sh
# The files that go into the package: scripts are clean, units and rules say what they must.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0

check() { # PROMISE COMMAND…
  promise=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "  FAILED: $promise"
  fi
}

says() { grep -qx -- "$2" "$1"; }

check 'every script is shellcheck clean' shellcheck sbin/crosspoint-gadget ./*.sh test/*.sh test/fake-configfs/* slates/make.sh \
  deb/postinst deb/prerm deb/postrm
for unit in uvc video audio; do
  file=etc/systemd/crosspoint-$unit.service
  check "$unit is restarted for ever" says "$file" Restart=always
  check "$unit never gives up restarting" says "$file" StartLimitIntervalSec=0
  check "$unit has a watchdog that a stopped process cannot ignore" says "$file" WatchdogSignal=SIGKILL
  check "$unit gains no privileges" says "$file" NoNewPrivileges=yes
done
check 'the camera survives its program' says etc/systemd/crosspoint-uvc.service FileDescriptorStoreMax=4
check 'the camera node belongs to root alone' grep -q 'function_name}=="uvc.usb0".*MODE="0600"' etc/crosspoint.udev
check 'the default configuration names no box' says etc/gadget.conf rtmp_url=
check 'it is announced in the network, with its version' grep -q 'version=@VERSION@' etc/avahi/crosspoint-gadget.service
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
