#!/usr/bin/env bash
# qemu.sh IMAGE RUN PORT [QEMU ARGUMENTS]: the virtual Pi's machine, in the background. The other scripts call it.
# The machine has to be the same one for a snapshot to be restored into.
set -euo pipefail

image=$1 run=$2 port=$3
shift 3
exec nice -n 5 qemu-system-x86_64 -M q35 -cpu max -accel tcg,thread=multi -smp 2 -m "${MEMORY_MIB:-512}" \
  -nodefaults -display none -daemonize -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
  -append "root=/dev/vda rw console=ttyS0 quiet mitigations=off nokaslr apparmor=0 audit=0" \
  -device virtio-blk-pci,drive=disk \
  -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net,romfile=,id=nic \
  -device virtio-rng-pci -serial "file:$run/console.log" -pidfile "$run/qemu.pid" \
  -monitor "unix:$run/monitor.sock,server=on,wait=off" "$@"
