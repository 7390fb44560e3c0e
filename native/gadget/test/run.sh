#!/bin/sh
# run.sh: every test of the gadget's programs. Ends with `N passed, N failed`; exit status 0 when none failed.
# FUZZ_SECONDS (default 8), FUZZ_SEED.
set -eu
cd "$(dirname "$0")/.."

passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A program or script whose last line is `N passed, N failed`. One that does not get there has failed.
suite() { # NAME COMMAND…
  echo "== $1"
  shift
  status=0
  "$@" > "$log" 2>&1 || status=$?
  grep -v '^<[0-9]>' "$log" || true # the programs' own log lines
  last=$(tail -n 1 "$log")
  case $last in
    *' passed, '*' failed')
      p=${last%% *}
      f=${last#*, }
      f=${f%% *}
      passed=$((passed + p))
      failed=$((failed + f))
      if [ "$f" -eq 0 ] && [ "$status" -ne 0 ]; then failed=$((failed + 1)); fi
      ;;
    *) failed=$((failed + 1)) ;;
  esac
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
make -s -j2 tests
suite 'unit tests (ASan, UBSan)' build/asan/unit
suite 'fuzz (ASan, UBSan)' build/asan/fuzz "${FUZZ_SECONDS:-8}" "${FUZZ_SEED:-0x5eed}"
suite 'crosspoint-gadget on a fake configfs' test/gadget-test.sh
suite 'package files' test/files-test.sh
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
