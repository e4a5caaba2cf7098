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

hosts="${LAYER_INSIGHT_HOSTS:-${XDG_CACHE_HOME:-$HOME/.cache}/layer-insight-hosts}"
root="$hosts/engine-root"

fail() { echo "engine.sh: $*" >&2; exit 1; }

need_debian_root() {
  [ "$(uname -s)" = Linux ] || fail "the test engine needs Linux; start Docker and set DOCKER_HOST instead"
  [ "$(id -u)" = 0 ] || fail "the test engine needs root; start Docker and set DOCKER_HOST instead"
  command -v apt-get >/dev/null || fail "the test engine needs Debian's apt-get; start Docker and set DOCKER_HOST instead"
}

apt_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >/dev/null || true # one broken third-party list must not stop us
  apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

install_packages() {
  # A package index that is past its date is still checked against its signature.
  chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get -q -o Acquire::Check-Valid-Until=false update &&
    apt-get -q -y install --no-install-recommends "$@"' install "$@" \
    >"$hosts/engine-install.log" 2>&1 ||
    { tail -20 "$hosts/engine-install.log" >&2; fail "installing $* in the engine root failed"; }
  rm -rf "$root"/var/cache/apt/archives/*.deb
}

install_root() {
  need_debian_root
  # tini-like helpers are not needed: dockerd is stopped by its pid file
  apt_install debootstrap busybox-static iproute2 util-linux ca-certificates
  if [ -e "$root/.complete" ]; then
    # roots that were made before ADD of a git repository was tested lack it
    [ -x "$root/usr/bin/git" ] || install_packages git
    return 0
  fi
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates sid "$root" >"$hosts/debootstrap.log" 2>&1 ||
    { tail -20 "$hosts/debootstrap.log" >&2; fail "debootstrap of Debian sid failed"; }
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  install_packages docker.io docker-buildx docker-cli iptables git
  touch "$root/.complete"
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
  mkdir -p "$root/srv/dk/$name" "$root/.oldroot"
  cat >"$dir/enter.sh" <<'ENTER'
set -e
root="$1"; name="$2"; dir="$3"; shift 3
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
for part in proc sys dev; do mkdir -p "$root/$part"; mount --rbind "/$part" "$root/$part"; done
mount --bind /tmp "$root/tmp"
mkdir -p "$root/run"; mount -t tmpfs tmpfs "$root/run"
cd "$root"
pivot_root . .oldroot
umount -l /.oldroot
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec dockerd --data-root "/srv/dk/$name/data" --exec-root "/srv/dk/$name/exec" --pidfile "/srv/dk/$name/pid" \
  -H "unix://$dir/docker.sock" "$@"
ENTER
  setsid unshare -m -n sh "$dir/enter.sh" "$root" "$name" "$dir" "$@" >"$dir/dockerd.log" 2>&1 </dev/null &
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
