#!/usr/bin/env bash
# What the CI of a service does before a deployment: the histories of its running workflows are
# downloaded and replayed with the code to be deployed. Here the code is then broken, and mended.
#
# Uses the server of TEMPORAL_ADDRESS, or starts one.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
cp src/lib.rs "$work/lib.rs"
cleanup() {
  cp "$work/lib.rs" src/lib.rs
  [[ -z ${server:-} ]] || kill "$server"
  rm -rf "$work"
}
trap cleanup EXIT

if [[ -z ${TEMPORAL_ADDRESS:-} ]]; then
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export TEMPORAL_ADDRESS=127.0.0.1:$port
  temporal server start-dev --headless --ip 127.0.0.1 --port "$port" --log-level never >/dev/null &
  server=$!
  for _ in $(seq 60); do
    temporal operator cluster health >/dev/null 2>&1 && break
    sleep 0.5
  done
fi

echo "-- production: orders wait for tomorrow"
cargo run --quiet --locked

echo "-- CI: download the histories of what runs"
# In a repository of its own: cargo install cargo-durably, then cargo durably history download ...
cargo run --quiet --locked --package cargo-durably -- durably history download \
  --query 'TaskQueue = "orders" AND ExecutionStatus = "Running"' --output "$work/histories"

echo "-- CI: today's code carries them on"
cargo run --quiet --locked --bin replay -- "$work/histories"

echo "-- a developer reserves first, then charges"
patch --quiet --no-backup-if-mismatch -p1 <reserve-first.patch
if cargo run --quiet --locked --bin replay -- "$work/histories" >"$work/report.txt"; then
  echo "the replay passed over the change" >&2
  exit 1
fi
cat "$work/report.txt"
changed=$(grep -n 'ctx.activity(reserve' src/lib.rs | cut -d: -f1)
grep -q "lib.rs:$changed" "$work/report.txt" || { echo "the report does not name line $changed" >&2; exit 1; }

echo "-- the same for GitHub, and as a page"
cargo run --quiet --locked --bin replay -- --format github "$work/histories" && exit 1
cargo run --quiet --locked --bin replay -- --format html "$work/histories" >"${REPORT:-$work/report.html}" && exit 1

echo "-- the developer guards the change with a patch"
cp "$work/lib.rs" src/lib.rs
patch --quiet --no-backup-if-mismatch -p1 <reserve-first-guarded.patch
cargo run --quiet --locked --bin replay -- "$work/histories"
