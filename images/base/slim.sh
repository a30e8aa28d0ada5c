#!/bin/sh
# slim.sh [ROOT]: what a Debian root needs to be a small base: nothing but copyright files is kept of
# documentation, apt asks for no recommendations, no service starts while it is installed, nothing is
# setuid or world-writable (but /tmp), and no trace of the machine that made it stays behind.
set -eu
root=${1:-}
cat > "$root/etc/dpkg/dpkg.cfg.d/slim" <<'CFG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/groff/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/bash-completion/*
path-exclude /usr/share/bug/*
CFG
cat > "$root/etc/apt/apt.conf.d/90slim" <<'CFG'
APT::Install-Recommends "false";
APT::Install-Suggests "false";
Acquire::Languages "none";
Acquire::Retries "5";
APT::Update::Error-Mode "any";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
CFG
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
# debootstrap leaves one line with the archive it used; the official image has its own list.
archive=$(sed -n 's/^deb \(http[^ ]*\) .*/\1/p' "$root/etc/apt/sources.list" 2>/dev/null | head -n 1)
if [ -n "$archive" ]; then
    signed='Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg'
    rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*
    cat > "$root/etc/apt/sources.list.d/debian.sources" <<CFG
Types: deb
URIs: $archive
Suites: bookworm bookworm-updates
Components: main
$signed

Types: deb
URIs: ${archive%/}-security
Suites: bookworm-security
Components: main
$signed
CFG
fi
find "$root/usr/share/doc" -mindepth 1 \( -type f -o -type l \) ! -name copyright -delete
find "$root/usr/share/doc" -mindepth 1 -type d -empty -delete
for kept in man info locale groff lintian bash-completion bug; do
    find "$root/usr/share/$kept" -mindepth 1 -delete 2>/dev/null || true
done
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/*-old
rm -rf "$root"/var/log/* "$root"/tmp/* "$root"/debootstrap
find "$root/" -xdev -type f -perm /6000 -exec chmod a-s {} +
chmod 0755 "$root/var/tmp" "$root/run/lock"
chmod 1777 "$root/tmp"
