#!/usr/bin/env bash
# Mermaid's npm package and Chromium, for tests/declared/test_preview_rendering.py. What cannot be had here is
# said, and the test is skipped.
. "$(dirname "$0")/say.sh"

version=12.3.0
# dist.integrity of the package, in hexadecimal digits.
sha512=e35d774dd5de2c0b0caee27bf4ea452f93bcf8b4c55e142a676eb4ac5ded8149
sha512+=a2340b519b852e99ed3823eeb93d137ac99ebd2787fcad56165bccd193ae5463
folder=.local/mermaid
script=package/dist/mermaid.min.js

place_mermaid() {
    local part=$folder.part archive
    [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && [ -e "$folder/$script" ] && return
    command -v npm >/dev/null || { say "no Mermaid: it is an npm package, and there is no npm here"; return; }
    say "Mermaid $version from its npm package"
    rm -rf "$part" && mkdir -p "$part"
    archive=$(cd "$part" && npm pack --silent "mermaid@$version") ||
        { rm -rf "$part"; say "no Mermaid: npm could not fetch mermaid@$version"; return; }
    echo "$sha512  $part/$archive" | sha512sum --check --status || {
        rm -rf "$part"
        fail "mermaid@$version is not the package that it was" "Do not use it before you know why."
    }
    tar -xzf "$part/$archive" -C "$part" "$script" package/LICENSE
    rm "$part/$archive"
    echo "$version" >"$part/version"
    rm -rf "$folder" && mv "$part" "$folder"
}

place_chromium() {
    local name
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && return
    done
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "no Chromium: install it, or run this as root on Debian"
        return
    fi
    say "installing Debian's chromium"
    { apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } ||
        say "no Chromium: what apt-get says stands above"
}

place_mermaid
place_chromium
