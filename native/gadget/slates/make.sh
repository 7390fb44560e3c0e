#!/bin/sh
# make.sh: draw the slates anew (needs ffmpeg with drawtext, and DejaVu Sans). Only after a change of their looks: the
# pictures are kept in the repository, so that a build needs neither.
set -eu
cd "$(dirname "$0")"

font=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
bold=/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf

slate() { # NAME WIDTH HEIGHT TITLE HINT
  big=$(($3 / 12))
  small=$(($3 / 24))
  ffmpeg -hide_banner -loglevel error -y -f lavfi -i "color=c=0x14171c:s=$2x$3" -frames:v 1 -vf "
    drawtext=fontfile=$bold:text='$4':fontcolor=0xe8eaed:fontsize=$big:x=(w-tw)/2:y=h*0.42,
    drawtext=fontfile=$font:text='$5':fontcolor=0x9aa0a6:fontsize=$small:x=(w-tw)/2:y=h*0.57,
    drawtext=fontfile=$font:text='Crosspoint':fontcolor=0x5f6368:fontsize=$small:x=(w-tw)/2:y=h*0.88,
    format=yuvj420p" -q:v 3 -huffman default -map_metadata -1 -fflags +bitexact -flags:v +bitexact "$1-$2x$3.jpg"
}

for size in '1280 720' '640 480' '640 360'; do
  # shellcheck disable=SC2086 # width and height are two words
  slate waiting $size 'Waiting for the camera' 'The picture will be here in a moment'
  # shellcheck disable=SC2086
  slate unreachable $size 'No connection' 'The Crosspoint box cannot be reached on the network'
  # shellcheck disable=SC2086
  slate no-signal $size 'No signal' 'Crosspoint is connected and sends no picture'
done
ls -l ./*.jpg
