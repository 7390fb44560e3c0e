#!/bin/sh
# embed-slates.sh FILE…: print slates/STATE-WIDTHxHEIGHT.jpg as a C table (src/uvc/slates.h).
set -eu

echo '/* Made by embed-slates.sh from slates/. */'
echo '#include "slates.h"'
i=0
for file; do
  echo "static const uint8_t jpeg_${i}[] = {"
  od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
  echo '};'
  i=$((i + 1))
done
echo 'const struct slate slates[] = {'
i=0
for file; do
  name=$(basename "$file" .jpg)
  size=${name##*-}
  case ${name%-*} in
    waiting) state=FEEDER_WAITING ;;
    unreachable) state=FEEDER_UNREACHABLE ;;
    no-signal) state=FEEDER_NO_SIGNAL ;;
    *) echo "embed-slates.sh: $file: unknown state" >&2; exit 1 ;;
  esac
  echo "	{${size%x*}, ${size#*x}, $state, jpeg_$i, sizeof jpeg_$i},"
  i=$((i + 1))
done
echo '	{0},'
echo '};'
