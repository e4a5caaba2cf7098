#!/usr/bin/env bash
# A current Podman and Buildah on a bare Debian machine, for tests.
#
#   podman.sh install          make Podman's root file system (Debian sid), once
#   podman.sh up DIR           start Podman's API service with an image store of its own; prints `export` lines for a shell
#   podman.sh down DIR         stop everything that `up DIR` and its programs started and delete the store
#
# DIR/bin/podman and DIR/bin/buildah are programs like any other: arguments, environment, standard streams and exit code
# are passed on, and what lies below /tmp is seen under the same name. In a folder elsewhere they start in /.
#
# Needs root and Debian's package archive; never touches a Podman that it did not start. Each DIR has namespaces of its
# own for mounts, processes and the network, so that several live side by side.
set -euo pipefail

what="the Podman host" instead="there is no other way to have one yet"
here="$(cd "$(dirname "$0")" && pwd)"
# shellcheck source=sidRoot.sh
. "$here/sidRoot.sh"
root="$hosts/podman-root"

install_root() {
  need_debian_root
  apt_install debootstrap busybox-static iproute2 util-linux ca-certificates
  once podman make_podman_root
}

make_podman_root() {
  make_root "$root" podman buildah crun runc fuse-overlayfs netavark aardvark-dns ca-certificates iptables nftables skopeo
}

# runc, since crun refuses a machine with both kinds of control groups. The limits are those of this machine: without
# CAP_SYS_RESOURCE nobody may raise them, and Podman's defaults would.
write_configuration() {
  local open processes
  open="$(ulimit -Hn)" processes="$(ulimit -Hu)"
  mkdir -p "$root/etc/containers"
  cat >"$root/etc/containers/containers.conf.$$" <<CONF
[containers]
default_ulimits = ["nofile=1024:${open/unlimited/1048576}", "nproc=${processes/unlimited/-1}:${processes/unlimited/-1}"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
CONF
  mv "$root/etc/containers/containers.conf.$$" "$root/etc/containers/containers.conf"
}

# write_program DIR NAME: the program, run among the namespaces of DIR. nsenter stays as the parent, so the program has to
# end with it.
write_program() {
  local dir="$1" name="$2"
  cat >"$dir/bin/$name" <<PROGRAM
#!/bin/sh
read -r pid <"$dir/init.pid" || exit 125
exec nsenter -t "\$pid" -m -n -p -r -- /usr/bin/setpriv --pdeathsig TERM /bin/sh -c '
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin PODMAN_IGNORE_CGROUPSV1_WARNING=1
  case "\$1" in /tmp | /tmp/*) cd "\$1" || exit 125 ;; *) cd / ;; esac
  [ -d "\${TMPDIR:-/}" ] || unset TMPDIR
  shift
  exec $name "\$@"' $name "\$PWD" "\$@"
PROGRAM
  chmod 755 "$dir/bin/$name"
}

# first_process DIR: the pid of what `up DIR` started, if it lives. After a restart of the machine the number may be
# somebody else's.
first_process() {
  local pid
  [ -e "$1/init.pid" ] || return 0
  pid="$(cat "$1/init.pid")"
  if grep -qzFx -- "$1" "/proc/$pid/cmdline" 2>/dev/null; then echo "$pid"; fi
}

up() {
  local dir="$1" name pid i
  need_debian_root
  install_root
  case "$dir" in /tmp/*) ;; *) fail "DIR must be below /tmp (it is shared with Podman's mount namespace)";; esac
  [ -z "$(first_process "$dir")" ] || fail "Podman was started in $dir before; podman.sh down $dir ends it"
  rm -f "$dir/podman.sock" "$dir/init.pid"
  write_configuration
  mkdir -p "$dir/bin"
  name="$(basename "$dir")"
  mkdir -p "$root/srv/pm/$name/store" "$root/srv/pm/$name/tmp" "$root/var/lib/containers"
  write_program "$dir" podman
  write_program "$dir" buildah
  # The pid of the first process as this machine knows it is read before /proc is that of the namespace. The store and
  # the folder of unfinished files are this DIR's own.
  # shellcheck disable=SC2016
  setsid unshare -m -n -p --fork sh -c '
    read -r pid _ </proc/self/stat
    echo "$pid" >"$1/init.pid"
    exec sh "$2/enterRoot.sh" "$3" sh -c "
      cd /
      mount --bind /srv/pm/\$2/store /var/lib/containers
      mount --bind /srv/pm/\$2/tmp /var/tmp
      PODMAN_IGNORE_CGROUPSV1_WARNING=1 podman system service --time=0 unix://\$1/podman.sock &
      wait" podman "$1" "$4"
    ' up "$dir" "$here" "$root" "$name" >"$dir/podman.log" 2>&1 </dev/null &
  pid=$!
  for i in $(seq 1 600); do
    if [ -S "$dir/podman.sock" ]; then
      echo "export LAYER_INSIGHT_PODMAN=$dir/podman.sock LAYER_INSIGHT_PODMAN_PROGRAM=$dir/bin/podman PATH=$dir/bin:\$PATH"
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  tail -20 "$dir/podman.log" >&2
  fail "podman system service did not come up; its log is $dir/podman.log"
}

# remove_control_groups FOLDER: those of killed containers and of steps of killed builds, by the names of their folders.
# Control groups are the machine's, so nothing else removes them. Empty ones that others may use, too, stay.
remove_control_groups() {
  local folder name
  for folder in "$1"/store/storage/overlay-containers/*/ "$1"/tmp/buildah*/; do
    [ -d "$folder" ] || continue # nothing matched
    name="$(basename "$folder")"
    find /sys/fs/cgroup -depth -type d \( -path "*/libpod-$name*" -o -path "*/buildah-$name*" \) -exec rmdir {} + \
      2>/dev/null || true
  done
}

down() {
  local dir="$1" name pid i
  name="$(basename "$dir")"
  [ -e "$dir/init.pid" ] || fail "no Podman was started in $dir"
  pid="$(first_process "$dir")"
  if [ -n "$pid" ]; then
    # with the first process of a namespace all others end
    kill -9 "$pid" 2>/dev/null || true
    for i in $(seq 1 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
  fi
  remove_control_groups "$root/srv/pm/$name"
  rm -rf --one-file-system "${root:?}/srv/pm/${name:?}" "$dir"
}

case "${1:-}" in
  install) install_root ;;
  up) [ $# = 2 ] || fail "usage: podman.sh up DIR"; up "$2" ;;
  down) [ $# = 2 ] || fail "usage: podman.sh down DIR"; down "$2" ;;
  *) fail "usage: podman.sh install | up DIR | down DIR" ;;
esac
