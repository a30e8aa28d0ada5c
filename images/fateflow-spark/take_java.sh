#!/bin/sh
# take_java.sh OUT: Debian's Java 17 as OUT/opt/java, packed and without the modules of developers' tools and other languages: less
# than half of its package, which stays on record in dpkg's status.d.
set -eu
out=$1 package=openjdk-17-jre-headless
tools='accessibility|compiler|editpad|hotspot\.agent|internal\.(ed|jvmstat|le|opt|vm\..*)|jartool|javadoc|jconsole|jdeps|jdi'
tools="$tools|jlink|jpackage|jshell|jstatd|unsupported\.desktop"
modules=$(java --list-modules | sed 's/@.*//' | grep -vxE "jdk\.($tools|incubator\..*|localedata)" | paste -sd,)
jlink --add-modules "$modules" --compress=2 --no-header-files --no-man-pages --output "$out/opt/java"
"$out/opt/java/bin/java" -Xshare:dump >/dev/null
mkdir -p "$out/usr/local/bin" "$out/usr/share/doc/$package" "$out/var/lib/dpkg/status.d"
ln -s /opt/java/bin/java "$out/usr/local/bin/java"
cp -L "/usr/share/doc/$package/copyright" "$out/usr/share/doc/$package/"
dpkg-query --status "$package" >"$out/var/lib/dpkg/status.d/$package"
