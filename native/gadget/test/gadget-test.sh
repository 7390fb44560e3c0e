#!/bin/sh
# crosspoint-gadget on a fake /sys: what it writes, where, in which order; that it can be repeated and undone.
set -u
here=$(cd "$(dirname "$0")" && pwd)
script=$here/../sbin/crosspoint-gadget
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$here/fake-configfs:$PATH" CROSSPOINT_SYS="$work/sys" CROSSPOINT_CONF="$work/gadget.conf"
gadget=$work/sys/kernel/config/usb_gadget/crosspoint
uvc=$gadget/functions/uvc.usb0
uac=$gadget/functions/uac2.usb0

fresh() { # CONFIGURATION: a Pi that has just started
  rm -rf "$work/sys"
  /bin/mkdir -p "$work/sys/kernel/config/usb_gadget" "$work/sys/class/udc/fe980000.usb" "$work/sys/firmware/devicetree/base" \
    "$work/sys/class/video4linux"
  printf '10000000abcdef01\0' > "$work/sys/firmware/devicetree/base/serial-number"
  printf '%s\n' "$1" > "$CROSSPOINT_CONF"
}
run() { "$script" "$@" > "$work/out" 2> "$work/err"; }

ok() { # PROMISE CONDITION…
  promise=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "  FAILED: $promise"
    sed 's/^/    /' "$work/out" "$work/err"
  fi
}
holds() { # FILE CONTENT: exactly, without a newline
  printf '%s' "$2" | cmp -s - "$1" || { echo "    $1 holds '$(cat "$1")'"; return 1; }
}
links() { [ "$(readlink "$1")" = "$2" ] || { echo "    $1 -> $(readlink "$1")"; return 1; }; }
not() { if "$@"; then return 1; fi; }

fresh 'label=Desk 1'
ok 'the gadget is built' run start
ok 'it is bound to the controller' [ "$(cat "$gadget/UDC")" = fe980000.usb ]
ok 'it is a composite device' holds "$gadget/bDeviceClass" 0xEF
ok 'people see its name' holds "$gadget/strings/0x409/product" 'Desk 1'
ok 'the camera has a name without a newline' holds "$uvc/function_name" 'Desk 1 Camera'
ok 'the sound card has a name' holds "$uac/function_name" 'Desk 1 Audio'
ok 'the serial number is the board'"'"'s' holds "$gadget/strings/0x409/serialnumber" 10000000abcdef01
ok 'the only configuration is number 1' [ "$(ls "$gadget/configs")" = c.1 ]
ok 'both functions are in it' links "$gadget/configs/c.1/uvc.usb0" "$uvc"
ok 'the sound card is in it' links "$gadget/configs/c.1/uac2.usb0" "$uac"
ok '720p comes first' holds "$uvc/streaming/mjpeg/m/bDefaultFrameIndex" 1
for size in 720p:1280:720 480p:640:480 360p:640:360; do
  name=${size%%:*} rest=${size#*:}
  dir=$uvc/streaming/mjpeg/m/$name
  ok "$name has its width" holds "$dir/wWidth" "${rest%:*}"
  ok "$name has its height" holds "$dir/wHeight" "${rest#*:}"
  ok "$name has 30 and 15 frames a second" holds "$dir/dwFrameInterval" '333333
666666'
  ok "$name has 30 by default" holds "$dir/dwDefaultFrameInterval" 333333
done
ok 'the normal budget is every second microframe' holds "$uvc/streaming_interval" 2
ok 'packets are of 1024 bytes' holds "$uvc/streaming_maxpacket" 1024
ok 'no camera control is offered' holds "$uvc/control/terminal/camera/default/bmControls" '0
0
0'
for speed in fs hs ss; do
  ok "the stream header is linked for $speed" links "$uvc/streaming/class/$speed/h" "$uvc/streaming/header/h"
done
for direction in c p; do
  ok "sound is 48 kHz ($direction)" holds "$uac/${direction}_srate" 48000
  ok "sound is stereo ($direction)" holds "$uac/${direction}_chmask" 3
  ok "there is no volume control ($direction)" holds "$uac/${direction}_volume_present" 0
done
ok 'the client follows our clock' holds "$uac/c_sync" async
version=$(cat "$gadget/bcdDevice")
ok 'the version is a binary coded decimal' expr "$version" : '0x[0-9][0-9][0-9][0-9]$' > /dev/null

touch "$work/marker"
ok 'a second start succeeds' run start
ok 'a second start says so' grep -q 'up already' "$work/out"
ok 'a second start writes nothing' [ -z "$(find "$work/sys" -newer "$work/marker" -type f)" ]
ok 'status says up' run status
ok 'status names the controller' grep -qx 'controller=fe980000.usb' "$work/out"

printf 'label=Desk 1\nbudget=fast\n' > "$CROSSPOINT_CONF"
ok 'after a change, status is not up' not run status
ok 'after a change, status says outdated' grep -qx 'state=outdated' "$work/out"
ok 'a change is put into effect by start' run start
ok 'the fast budget is every microframe' holds "$uvc/streaming_interval" 1
ok 'client computers see another version' not holds "$gadget/bcdDevice" "$version"
printf 'label=Desk 1\nbudget=normal\n' > "$CROSSPOINT_CONF"
ok 'changing it back is put into effect' run restart
ok 'and has the first version again' holds "$gadget/bcdDevice" "$version"

ok 'the gadget is taken down' run stop
ok 'nothing of it is left' [ ! -e "$gadget" ]
ok 'a second stop succeeds' run stop
ok 'status says down' not run status

fresh 'label=Desk 1'
run start
rm "$gadget/configs/c.1/uvc.usb0"
: > "$gadget/UDC"
ok 'a half-built gadget is built anew' run start
ok 'and is whole' links "$gadget/configs/c.1/uvc.usb0" "$uvc"

# shellcheck disable=SC2016 # that is the point
fresh 'label=$(touch '"$work"'/hacked)`id`";'"'"'\n %s'
ok 'a hostile name is only a name' run start
ok 'nothing of it was run' [ ! -e "$work/hacked" ]
ok 'it is cut to what USB takes' [ "$(wc -c < "$uvc/function_name")" -le 31 ]

fresh 'label=ÄÖÜäöüßÄÖÜäöüß'
ok 'a name of many bytes is taken' run start
ok 'it is cut between characters' holds "$uvc/function_name" 'ÄÖÜäöüßÄÖÜäö Camera'

fresh 'label=
budget=nonsense'
ok 'an empty name and an unknown budget fall back' run start
ok 'the name falls back' holds "$uvc/function_name" 'Crosspoint Camera'
ok 'the budget falls back' holds "$uvc/streaming_interval" 2
rm "$CROSSPOINT_CONF"
ok 'without a configuration there is still a gadget' run restart

fresh 'label=x'
rm -r "$work/sys/class/udc/fe980000.usb"
ok 'without a controller it fails' not run start
ok 'and says what to do' grep -q 'dtoverlay=dwc2' "$work/err"
ok 'an unknown word is a usage error' not run frobnicate
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
