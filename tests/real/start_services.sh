#!/usr/bin/env bash
# A PostgreSQL, a Redis and a RabbitMQ on their standard loopback ports, for the tests of other set-ups than the embedded one.
# What already answers is left as it is; what does not is installed from the system's packages (Debian or Ubuntu, as root) and started.
set -euo pipefail

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for() {
  for _ in $(seq 1 120); do
    if answers "$1"; then return 0; fi
    sleep 0.5
  done
  echo "nothing answers on port $1" >&2
  return 1
}

missing=()
answers 5432 || missing+=(postgresql)
answers 6379 || missing+=(redis-server)
answers 5672 || missing+=(rabbitmq-server)
if ((${#missing[@]} == 0)); then
  exit 0
fi
if [[ "$(id -u)" -ne 0 ]] || ! command -v apt-get >/dev/null; then
  echo "Start these on their standard ports first: ${missing[*]}" >&2
  exit 1
fi
install=()
for package in "${missing[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || install+=("$package")
done
if ((${#install[@]})); then
  apt-get update -q
  # The packages must not start servers of their own: this script starts what is needed, on loopback.
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
  apt-get install -q -y --no-install-recommends "${install[@]}" || { rm -f /usr/sbin/policy-rc.d; exit 1; }
  rm -f /usr/sbin/policy-rc.d
fi

if ! answers 5432; then
  bin="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)"
  data="$(mktemp -d)/data"
  install -d -o postgres -g postgres -m 0700 "$data"
  chmod 0755 "$(dirname "$data")"
  runuser -u postgres -- "$bin/initdb" -D "$data" -A trust -U root -E UTF8 --locale C.UTF-8 >/dev/null
  runuser -u postgres -- "$bin/pg_ctl" -D "$data" -l "$data/log" -w -o "-c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start >/dev/null
fi
answers 6379 || redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no >/dev/null
answers 5672 || rabbitmq-server -detached >/dev/null
wait_for 5432
wait_for 6379
wait_for 5672
