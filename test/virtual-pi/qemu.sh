#!/usr/bin/env bash
# qemu.sh IMAGE RUN PORT [QEMU ARGUMENTS]: the virtual Pi's machine, in the background. The other scripts call it: a
# snapshot can only be restored into a machine of exactly the same parts.
#
# RUN holds the disk, disk.ext4: what the guest has written is in it, however the machine ends. RUN gets console.log,
# qemu.pid, and the monitor: commands go into monitor.in, answers are in monitor.log.
set -euo pipefail

image=$1 run=$2 port=$3
shift 3
mkdir -p "$run"
rm -f "$run/console.log" "$run/qemu.pid" "$run/monitor.in" "$run/monitor.out" "$run/monitor.log"
mkfifo "$run/monitor.in" "$run/monitor.out"
# Without what costs an emulator much: a fifth level of page tables, guards that end its blocks of code, copying by bytes.
nice -n 5 qemu-system-x86_64 -M q35 -cpu max,la57=off,-smap,-smep,-erms -accel tcg,thread=multi -smp 2 -m "${MEMORY_MIB:-512}" \
  -nodefaults -display none -daemonize -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
  -append "root=/dev/vda rw console=ttyS0 quiet mitigations=off nokaslr lsm=capability audit=0" \
  -drive "file=$run/disk.ext4,if=none,id=disk,format=raw,cache=unsafe" -device virtio-blk-pci,drive=disk \
  -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net,romfile=,id=nic \
  -device virtio-rng-pci -serial "file:$run/console.log" -pidfile "$run/qemu.pid" \
  -chardev "pipe,id=monitor,path=$run/monitor" -mon chardev=monitor,mode=readline "$@" > "$run/qemu.log" 2>&1
setsid cat "$run/monitor.out" > "$run/monitor.log" 2> /dev/null < /dev/null & # ends with the machine
