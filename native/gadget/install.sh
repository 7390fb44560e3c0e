#!/bin/sh
# install.sh BUILD ROOT: put what a package contains from the directory BUILD under ROOT.
set -eu

build=$1 root=$2
here=$(cd "$(dirname "$0")" && pwd)

for program in crosspoint-uvc crosspoint-video crosspoint-audio; do
  install -D -m 755 "$build/$program" "$root/usr/libexec/crosspoint/$program"
done
install -D -m 755 "$here/sbin/crosspoint-gadget" "$root/usr/sbin/crosspoint-gadget"
for unit in "$here"/etc/systemd/*.service; do
  install -D -m 644 "$unit" "$root/usr/lib/systemd/system/${unit##*/}"
done
install -D -m 644 "$here/etc/crosspoint.udev" "$root/usr/lib/udev/rules.d/70-crosspoint.rules"
install -D -m 644 "$here/etc/crosspoint.sysusers" "$root/usr/lib/sysusers.d/crosspoint-gadget.conf"
install -D -m 644 "$here/etc/crosspoint.tmpfiles" "$root/usr/lib/tmpfiles.d/crosspoint-gadget.conf"
install -d "$root/etc/avahi/services"
sed "s/@VERSION@/$(cat "$here/VERSION")/" "$here/etc/avahi/crosspoint-gadget.service" \
  > "$root/etc/avahi/services/crosspoint-gadget.service"
chmod 644 "$root/etc/avahi/services/crosspoint-gadget.service"
install -D -m 644 "$here/etc/gadget.conf" "$root/usr/share/crosspoint/gadget.conf"
install -D -m 644 "$here/../../LICENSE" "$root/usr/share/doc/crosspoint-gadget/copyright"
