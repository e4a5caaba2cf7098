# shellcheck shell=bash
# What the hosts of their own share that live in a Debian sid root; sourced by engine.sh and podman.sh, which set:
#   what      the host in a message: "the test engine"
#   instead   what to do where it cannot be made
set -euo pipefail

hosts="${LAYER_INSIGHT_HOSTS:-${XDG_CACHE_HOME:-$HOME/.cache}/layer-insight-hosts}"

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

need_debian_root() {
  [ "$(uname -s)" = Linux ] || fail "$what needs Linux; $instead"
  [ "$(id -u)" = 0 ] || fail "$what needs root; $instead"
  command -v apt-get >/dev/null || fail "$what needs Debian's apt-get; $instead"
}

# On the machine itself.
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

# install_packages ROOT PACKAGE...: in a root that debootstrap made.
install_packages() {
  local root="$1" log; shift
  log="$hosts/$(basename "$root")-install.log"
  # A package index that is past its date is still checked against its signature.
  chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c '
    apt-get -q -o Acquire::Check-Valid-Until=false update &&
    apt-get -q -y install --no-install-recommends "$@"' install "$@" \
    >"$log" 2>&1 ||
    { tail -20 "$log" >&2; fail "installing $* in $root failed"; }
  rm -rf "$root"/var/cache/apt/archives/*.deb
}

# What all roots begin as.
make_base() {
  local base="$1" log="$hosts/debootstrap.log"
  [ -e "$base/.complete" ] && return 0
  rm -rf --one-file-system "$base"
  mkdir -p "$base"
  debootstrap --variant=minbase --include=ca-certificates sid "$base" >"$log" 2>&1 ||
    { tail -20 "$log" >&2; fail "debootstrap of Debian sid failed"; }
  touch "$base/.complete"
}

# make_root ROOT PACKAGE...: a Debian sid root with these packages, once.
make_root() {
  local root="$1" base="$hosts/sid-base"; shift
  [ -e "$root/.complete" ] && return 0
  once sid-base make_base "$base"
  rm -rf --one-file-system "$root"
  cp -a "$base" "$root"
  rm "$root/.complete"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  install_packages "$root" "$@"
  touch "$root/.complete"
}

# once NAME COMMAND...: while another run does the same, waits for it. Nothing that stays may be started here.
once() {
  local name="$1"; shift
  mkdir -p "$hosts"
  (flock 9; "$@") 9>"$hosts/$name.lock"
}
