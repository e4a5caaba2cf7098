#!/usr/bin/env bash
# A current Docker engine on a bare Debian machine, for tests.
#
#   engine.sh install          make the engine's root file system (Debian sid), once
#   engine.sh up DIR           start an engine of its own below DIR; prints `export` lines for a shell
#   engine.sh down DIR         stop the engine that `up DIR` started and delete its data
#
# Needs root and Debian's package archive; never touches an engine that it did not start. The engine lives in mount and
# network namespaces of its own, so it shares no bridge, no iptables rules and no images with another one.
set -euo pipefail

what="the test engine" instead="start Docker and set DOCKER_HOST instead"
here="$(cd "$(dirname "$0")" && pwd)"
# shellcheck source=sidRoot.sh
. "$here/sidRoot.sh"
root="$hosts/engine-root"

install_root() {
  need_debian_root
  # tini-like helpers are not needed: dockerd is stopped by its pid file
  apt_install debootstrap busybox-static iproute2 util-linux ca-certificates
  once engine make_engine_root
}

make_engine_root() {
  make_root "$root" docker.io docker-buildx docker-cli iptables git
  # roots that were made before ADD of a git repository was tested lack it
  [ -x "$root/usr/bin/git" ] || install_packages "$root" git
}

# Prints where the docker program is: the machine's own, else that of the engine root.
docker_program() { command -v docker || echo "$root/usr/bin/docker"; }

# A client configuration of its own with buildx, so that the user's ~/.docker is neither read nor written.
write_client_config() {
  local dir="$1"
  mkdir -p "$dir/config/cli-plugins" "$dir/bin"
  cp "$root/usr/libexec/docker/cli-plugins/docker-buildx" "$dir/config/cli-plugins/"
  ln -sf "$root/usr/bin/docker" "$dir/bin/docker"
}

up() {
  local dir="$1"; shift
  need_debian_root
  install_root
  case "$dir" in /tmp/*) ;; *) fail "DIR must be below /tmp (it is shared with the engine's mount namespace)";; esac
  mkdir -p "$dir"
  write_client_config "$dir"
  local name; name="$(basename "$dir")"
  mkdir -p "$root/srv/dk/$name"
  setsid unshare -m -n sh "$here/enterRoot.sh" "$root" \
    dockerd --data-root "/srv/dk/$name/data" --exec-root "/srv/dk/$name/exec" --pidfile "/srv/dk/$name/pid" \
    -H "unix://$dir/docker.sock" "$@" >"$dir/dockerd.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  local i
  for i in $(seq 1 150); do
    if DOCKER_HOST="unix://$dir/docker.sock" DOCKER_CONFIG="$dir/config" "$dir/bin/docker" version >/dev/null 2>&1; then
      echo "export DOCKER_HOST=unix://$dir/docker.sock DOCKER_CONFIG=$dir/config PATH=$dir/bin:\$PATH"
      return 0
    fi
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
    sleep 0.2
  done
  tail -20 "$dir/dockerd.log" >&2
  fail "dockerd did not come up; its log is $dir/dockerd.log"
}

down() {
  local dir="$1" name pid i
  name="$(basename "$dir")"
  [ -e "$dir/pid" ] || fail "no engine was started in $dir"
  pid="$(cat "$dir/pid")"
  kill "$pid" 2>/dev/null || true
  for i in $(seq 1 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
  rm -rf --one-file-system "${root:?}/srv/dk/${name:?}" "$dir"
}

case "${1:-}" in
  install) install_root ;;
  up) [ $# -ge 2 ] || fail "usage: engine.sh up DIR [dockerd options]"; shift; up "$@" ;;
  down) [ $# = 2 ] || fail "usage: engine.sh down DIR"; down "$2" ;;
  *) fail "usage: engine.sh install | up DIR [dockerd options] | down DIR" ;;
esac
