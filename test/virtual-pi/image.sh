#!/usr/bin/env bash
# image.sh: build the virtual Pi's disk image, or find it in the cache, and print its directory.
#
# The directory holds root.ext4, vmlinuz, initrd.img, id_ed25519 and kernel (the version). It is named after a hash of
# everything that it is made from, so a change here builds a new image and an unchanged tree builds nothing.
# Cache: ${XDG_CACHE_HOME:-~/.cache}/crosspoint/virtual-pi. Needs root and the packages of packages.txt.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crosspoint/virtual-pi
suite=trixie
size=2G
packages=linux-image-amd64,systemd,systemd-sysv,udev,kmod,dbus,openssh-server,iproute2,usbutils,v4l-utils,alsa-utils
packages+=,ca-certificates,procps,sudo,libpulse0,libasound2t64,libpam-systemd,apt

key=$(cat "$here/image.sh" "$here"/dummy_hcd-iso.patch "$here"/guest/* | sha256sum | cut -c1-16)
out=$cache/$key
if [ -f "$out/complete" ]; then
  echo "$out"
  exit 0
fi

say() { echo "virtual-pi image: $*" >&2; }
mkdir -p "$cache"
exec 9> "$cache/lock"
flock 9
if [ -f "$out/complete" ]; then # another process has just built it
  echo "$out"
  exit 0
fi
[ "$(id -u)" = 0 ] || { say "needs root"; exit 1; }

work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The mirror is the one that this machine's own apt uses.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
[ -n "$mirror" ] || { say "apt on this machine has no mirror"; exit 1; }
sources="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"

bootstrap() { # DIR PACKAGES
  echo "$sources" | mmdebstrap --quiet --variant=minbase --mode=root --format=directory \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --include="$2" "$suite" "$1" - >&2
}

build_module() { # the changed dummy_hcd, against the headers of the image's kernel
  local b=$work/buildroot
  say "building the dummy_hcd module"
  bootstrap "$b" linux-headers-amd64,linux-source,gcc,make,xz-utils,patch
  mkdir "$b/mod"
  tar -xOf "$b"/usr/src/linux-source-*.tar.xz --wildcards '*/drivers/usb/gadget/udc/dummy_hcd.c' > "$b/mod/dummy_hcd.c"
  (cd "$b" && patch -s -p0 < "$here/dummy_hcd-iso.patch")
  echo 'obj-m := dummy_hcd.o' > "$b/mod/Makefile"
  basename "$(ls -d "$b"/lib/modules/*)" > "$work/kernel"
  chroot "$b" make -s -C "/lib/modules/$(cat "$work/kernel")/build" M=/mod modules >&2
  chroot "$b" strip --strip-debug /mod/dummy_hcd.ko
  cp "$b/mod/dummy_hcd.ko" "$work/"
  rm -rf "$b"
}

build_root() {
  local root=$work/root kernel unit
  say "building the root file system"
  bootstrap "$root" "$packages"
  kernel=$(ls "$root/lib/modules")
  [ "$kernel" = "$(cat "$work/kernel")" ] || { say "kernel $kernel, but the module is for $(cat "$work/kernel")"; exit 1; }
  install -D -m 644 "$work/dummy_hcd.ko" "$root/lib/modules/$kernel/updates/dummy_hcd.ko"
  chroot "$root" depmod "$kernel"

  install -d -m 700 "$root/root/.ssh"
  ssh-keygen -q -t ed25519 -N '' -C virtual-pi -f "$work/id_ed25519"
  install -m 600 "$work/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  chroot "$root" useradd -m -s /bin/bash -G sudo pi
  echo 'pi:raspberry' | chroot "$root" chpasswd

  echo virtual-pi > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 virtual-pi\n' > "$root/etc/hosts"
  echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf"
  echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"
  install -D -m 644 "$here/guest/modules.conf" "$root/etc/modules-load.d/virtual-pi.conf"
  install -D -m 644 "$here/guest/modprobe.conf" "$root/etc/modprobe.d/virtual-pi.conf"
  install -D -m 644 "$here/guest/ssh-ready.conf" "$root/etc/systemd/system/ssh.service.d/ready.conf"
  chroot "$root" systemctl -q enable ssh
  while read -r unit; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done < "$here/guest/masked-units"
  touch -d '+5 years' "$root/etc/.updated" "$root/var/.updated"
}

build_initrd() { # three drivers, a fixed address, switch_root
  local w=$work/initrd kernel file name
  kernel=$(cat "$work/kernel")
  mkdir -p "$w"/bin "$w"/m "$w"/proc "$w"/sys "$w"/dev "$w"/root
  cp /bin/busybox "$w/bin/"
  ln -s busybox "$w/bin/sh"
  for name in virtio_blk ext4 virtio_net; do
    chroot "$work/root" modprobe -S "$kernel" --show-depends "$name"
  done | awk '$1 == "insmod" && $2 !~ /intel/ && !seen[$2]++ { print $2 }' | while read -r file; do
    name=$(basename "$file" .xz)
    case $file in
      *.xz) xz -dc "$work/root$file" > "$w/m/$name" ;;
      *) cp "$work/root$file" "$w/m/$name" ;;
    esac
    echo "$name" >> "$w/order"
  done
  install -m 755 "$here/guest/init" "$w/init"
  (cd "$w" && find . | cpio -o -H newc --quiet) > "$work/initrd.img"
  cp "$work/root/boot/vmlinuz-$kernel" "$work/vmlinuz"
}

build_module
build_root
build_initrd
say "writing the disk"
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$work/root" "$work/root.ext4" "$size" >&2
rm -rf "$work/root" "$work/initrd" "$work/dummy_hcd.ko"
touch "$work/complete"
find "$cache" -mindepth 1 -maxdepth 1 -type d ! -path "$work" -mtime +14 -exec rm -rf {} +
rm -rf "$out"
mv "$work" "$out"
say "$(du -sh "$out" | cut -f1) in $out"
echo "$out"
