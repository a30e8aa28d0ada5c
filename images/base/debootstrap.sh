#!/bin/sh
# debootstrap.sh FOLDER [ARCHIVE]: Debian 12 as a root filesystem, where no hub can be reached. Needs root.
set -eu
here=$(dirname "$(realpath "$0")")
root=$1/rootfs
debootstrap --variant=minbase --include=ca-certificates,busybox bookworm "$root" ${2:+"$2"}
sh "$here/slim.sh" "$root"
chroot "$root" sh -ec 'export DEBIAN_FRONTEND=noninteractive; apt-get -q update; apt-get -qy upgrade'
sh "$here/slim.sh" "$root"
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
find "$root/dev" -mindepth 1 -delete
