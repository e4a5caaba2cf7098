#!/bin/sh
# enterRoot.sh ROOT PROGRAM [ARGUMENT...]: runs PROGRAM with ROOT as its root file system and the machine's /tmp.
#
# To be started by unshare with mount and network namespaces of its own (`-m -n`), perhaps also one of processes (`-p -f`).
# A plain chroot is not enough: builders need / to be a mount point.
set -e
root="$1"; shift
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/.oldroot" "$root/run"
for part in proc sys dev; do mkdir -p "$root/$part"; mount --rbind "/$part" "$root/$part"; done
# the first process of a namespace: /proc has to be that of the namespace
[ $$ != 1 ] || mount -t proc proc "$root/proc"
mount --bind /tmp "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
cd "$root"
pivot_root . .oldroot
umount -l /.oldroot
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec "$@"
