#!/bin/sh
# take_torch.sh DEBS OUT: Debian's torch out of its packages, without headers, tests and tools, and without
# the needed-entries of libraries that are absent here. The check at the end is the licence to do so: every
# symbol of every library must still be found. The packages stay on record in dpkg's status.d.
set -eu
debs=$1 out=$2
libs=usr/lib/$(python3 -c 'import sysconfig; print(sysconfig.get_config_var("MULTIARCH"))')
python=usr/lib/python3/dist-packages
mkdir -p "$out/$libs" "$out/$python" "$out/var/lib/dpkg/status.d" "$out/usr/share/doc" "$debs/root"
for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$debs/root"
    name=$(dpkg-deb -f "$deb" Package)
    dpkg-deb -f "$deb" > "$out/var/lib/dpkg/status.d/$name"
    mkdir -p "$out/usr/share/doc/$name"
    cp -L "$debs/root/usr/share/doc/$name/copyright" "$out/usr/share/doc/$name/"
done
cd "$debs/root"
for name in c10 shm torch torch_cpu torch_global_deps torch_python; do
    cp "$libs/lib$name.so.1.13" "$out/$libs/"
done
cp -a "$python/torch" "$python"/torch-*-info "$python/torchgen" "$out/$python/"
cd "$out/$python/torch"
rm -rf include share test lib/libcaffe2_* testing/_internal
find bin -mindepth 1 ! -name torch_shm_manager -delete
find . -name '*.pyi' -delete
cd /
python3 -m compileall -q -j 0 -s "$out" -p / --invalidation-mode unchecked-hash "$out/$python"

cp -a "$out/usr/." /usr/
ldconfig
for library in "$out/$libs"/*.so.1.13; do
    for needed in $(patchelf --print-needed "$library"); do
        case $needed in ld-linux*) continue ;; esac
        ldconfig -p | grep -q "^[[:space:]]*$needed " || patchelf --remove-needed "$needed" "$library"
    done
done
cp -a "$out/$libs/." "/$libs/"
for library in "$out/$libs"/*.so.1.13; do
    case $library in *torch_python*) continue ;; esac  # Python itself holds what else this one needs
    faults=$(ldd -r "$library" 2>&1 | grep -E 'undefined symbol|not found' || true)
    [ -z "$faults" ] || { echo "$library cannot be loaded without what was left out: $faults" >&2; exit 1; }
done
