#!/usr/bin/env bash
# image.sh: build the virtual Pi's disk image, or find it in the cache, and print its directory.
#
# The directory holds root.ext4, vmlinux, initrd.img, id_ed25519 and kernel (the version). It is named after a hash of
# everything that it is made from, so a change here builds a new image and an unchanged tree builds nothing.
# Cache: ${XDG_CACHE_HOME:-~/.cache}/crosspoint/virtual-pi. Needs root and the packages of packages.txt.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/crosspoint/virtual-pi
suite=trixie
size=2G
packages=systemd,systemd-sysv,udev,kmod,dbus,openssh-server,iproute2,usbutils,v4l-utils,alsa-utils
packages+=,procps,sudo,libpulse0,libasound2t64,apt
# What builds a kernel module; extracted, never installed. Without the kernel's own source, which is huge: see build_module.
tools=linux-image-amd64,linux-headers-amd64,gcc,make,base-files,bash,dash,coreutils,findutils,grep,sed,mawk,kmod

key=$(cat "$here/image.sh" "$here"/dummy_hcd-iso.patch "$here"/guest/* | sha256sum | cut -c1-16)
out=$cache/$key
if [ -f "$out/complete" ]; then
  echo "$out"
  exit 0
fi

say() { echo "virtual-pi image: $SECONDS s: $*" >&2; }
mkdir -p "$cache"
exec 9> "$cache/lock"
flock 9
if [ -f "$out/complete" ]; then # another process has just built it
  echo "$out"
  exit 0
fi
[ "$(id -u)" = 0 ] || { say "needs root"; exit 1; }

work=$(mktemp -d "$cache/build.XXXXXX")
root=$work/root build=$work/buildroot
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$work"' EXIT

# The mirror is the one that this machine's own apt uses.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
[ -n "$mirror" ] || { say "apt on this machine has no mirror"; exit 1; }
sources="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"

bootstrap() { # DIR VARIANT PACKAGES [MORE ARGUMENTS]
  local dir=$1 variant=$2 include=$3
  shift 3
  echo "$sources" | mmdebstrap --quiet --variant="$variant" --mode=root --format=directory \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --include="$include" "$@" "$suite" "$dir" - >&2
}

build_module() { # the kernel with its modules, and the changed dummy_hcd against its headers
  local kernel source
  # shellcheck disable=SC2016
  bootstrap "$build" extract "$tools" --extract-hook='cd "$1" && export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" &&
    apt-get -q download "$(apt-cache depends linux-source | sed -n "s/.*Depends: //p")"'
  say "kernel and compiler are there"
  kernel=$(basename "$(ls -d "$build"/lib/modules/*-amd64)")
  echo "$kernel" > "$work/kernel"
  mkdir "$build/mod"
  source=$(basename "$build"/linux-source-*.deb | cut -d_ -f1)
  # Ends as soon as the file is found, half-way through.
  dpkg-deb --fsys-tarfile "$build"/linux-source-*.deb 2> /dev/null | tar -xO "./usr/src/$source.tar.xz" | xz -dc |
    tar -xO --occurrence=1 "$source/drivers/usb/gadget/udc/dummy_hcd.c" > "$build/mod/dummy_hcd.c" || true
  (cd "$build" && patch -s -p0 < "$here/dummy_hcd-iso.patch")
  say "the module's source is there"
  echo 'obj-m := dummy_hcd.o' > "$build/mod/Makefile"
  ln -sf mawk "$build/usr/bin/awk"
  chroot "$build" make -s -C "/lib/modules/$kernel/build" M=/mod modules >&2
  strip --strip-debug "$build/mod/dummy_hcd.ko"
  install -D -m 644 "$build/mod/dummy_hcd.ko" "$build/lib/modules/$kernel/updates/dummy_hcd.ko"
  chroot "$build" depmod "$kernel"
  say "the module is built"
}

build_root() {
  bootstrap "$root" minbase "$packages"
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
  install -D -m 644 "$here/guest/udev-trigger.conf" "$root/etc/systemd/system/systemd-udev-trigger.service.d/few.conf"
  while read -r unit; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done < "$here/guest/masked-units"
  mkdir "$root/etc/systemd/system-generators" # nothing is generated: each costs a process before the first unit
  for unit in "$root"/usr/lib/systemd/system-generators/*; do
    ln -sf /dev/null "$root/etc/systemd/system-generators/$(basename "$unit")"
  done
  touch -d '+5 years' "$root/etc/.updated" "$root/var/.updated"
  say "the root file system is there"
}

# The files of these modules and of those that they need, in the order of loading.
modules() { # NAME …
  local name
  for name; do
    chroot "$build" modprobe -S "$(cat "$work/kernel")" --show-depends "$name"
  done | awk '$1 == "insmod" && $2 !~ /intel/ && !seen[$2]++ { print $2 }'
}

copy_module() { # FILE DIR: unpacked, for the emulated machine is slow at that
  case $1 in
    *.xz) xz -dc "$build$1" > "$2/$(basename "$1" .xz)" ;;
    *) cp "$build$1" "$2/" ;;
  esac
}

install_kernel() {
  local kernel file dir
  kernel=$(cat "$work/kernel")
  # shellcheck disable=SC2046
  for file in $(modules $(cat "$here/guest/modules")); do
    dir=$root/$(dirname "$file")
    mkdir -p "$dir"
    copy_module "$file" "$dir"
  done
  cp "$build/lib/modules/$kernel"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$kernel/"
  chroot "$root" depmod "$kernel"
  cp "$build/boot/vmlinuz-$kernel" "$work/vmlinuz"
}

build_initrd() { # three drivers, a fixed address, switch_root
  local w=$work/initrd file
  mkdir -p "$w"/bin "$w"/m "$w"/proc "$w"/sys "$w"/dev "$w"/root
  cp /bin/busybox "$w/bin/"
  ln -s busybox "$w/bin/sh"
  for file in $(modules virtio_blk ext4 virtio_net); do
    copy_module "$file" "$w/m"
    basename "$file" .xz >> "$w/order"
  done
  install -m 755 "$here/guest/init" "$w/init"
  (cd "$w" && find . | cpio -o -H newc --quiet) > "$work/initrd.img"
}

say "building"
build_module &
module=$!
build_root
wait "$module"
install_kernel
build_initrd
say "writing the disk"
mke2fs -q -t ext4 -J size=8 -E root_owner=0:0 -d "$root" "$work/root.ext4" "$size" > /dev/null
rm -rf "$root" "$build" "$work/initrd"
touch "$work/complete"
find "$cache" -mindepth 1 -maxdepth 1 -type d ! -path "$work" -mtime +14 -exec rm -rf {} +
rm -rf "$out"
mv "$work" "$out"
say "$(du -sh "$out" | cut -f1) in $out"
echo "$out"
