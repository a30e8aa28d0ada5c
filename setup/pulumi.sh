#!/usr/bin/env bash
# Pulumi for this checkout: what is installed, else what can be downloaded, else what can be built here.
# An installed or downloaded part always goes before one of offline/.
. "$(dirname "$0")/say.sh"

version=3.259.0
releases=https://get.pulumi.com/releases
sums=https://github.com/pulumi/pulumi/releases/download/v$version/pulumi-$version-checksums.txt
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fate-federation
bin=$PWD/.local/bin
home=$PWD/.local/pulumi-home
export PULUMI_SKIP_UPDATE_CHECK=true

# fetch URL [FILE]: without a file, ask only whether the URL is there, for 5 seconds.
fetch() {
    .venv/bin/python - "$@" 2>/dev/null <<'PYTHON'
import shutil, sys, urllib.request
url, file = sys.argv[1], sys.argv[2:]
request = urllib.request.Request(url, method="GET" if file else "HEAD")
with urllib.request.urlopen(request, timeout=60 if file else 5) as answer:
    if file:
        with open(file[0], "wb") as out:
            shutil.copyfileobj(answer, out)
PYTHON
}

# The architecture, in the words of Go or, with an argument, of Pulumi's archives.
machine() {
    case $(uname -m) in
        x86_64) echo "${1:-amd64}" ;;
        aarch64 | arm64) echo arm64 ;;
        *) uname -m ;;
    esac
}
system() { uname -s | tr '[:upper:]' '[:lower:]'; }

# The pulumi that somebody installed here, with its language host, if it is new enough.
installed() {
    local folders folder found
    IFS=: read -ra folders <<<"$PATH"
    for folder in "${folders[@]}"; do
        [ "$folder" != "$bin" ] && [ -x "$folder/pulumi" ] && [ -x "$folder/pulumi-language-python" ] || continue
        found=$("$folder/pulumi" version 2>/dev/null) || continue
        if printf '%s\n' "$version" "${found#v}" | sort --version-sort --check=quiet; then
            echo "$folder/pulumi"
            return
        fi
        say "$folder/pulumi is ${found:-of no version}; $version or newer is needed" >&2
    done
    return 1
}

# download FOLDER: the official archive, held against the checksum that its publisher tells.
download() {
    local archive line
    archive=pulumi-v$version-$(system)-$(machine x64).tar.gz
    fetch "$releases/sdk/$archive" || return 1
    say "pulumi $version: downloading $archive"
    rm -rf "$1.part"
    mkdir -p "$1.part"
    fetch "$releases/sdk/$archive" "$1.part/$archive" || return 1
    if fetch "$sums" "$1.part/checksums" && line=$(grep " $archive\$" "$1.part/checksums"); then
        (cd "$1.part" && sha256sum --quiet --check <<<"$line") ||
            fail "$archive is not what its publisher's checksum says" "Run this again; if it stays so, tell them."
    else
        say "pulumi $version: its checksums cannot be had; the archive is used unchecked"
    fi
    tar --extract --gzip --file "$1.part/$archive" --directory "$1.part" --strip-components 1
    rm "$1.part/$archive"
    mv "$1.part" "$1"
    say "pulumi $version: downloaded"
}

# build FOLDER: the CLI from its Go module, every part of which go.sum names by its hash.
build() {
    local began=$SECONDS
    command -v go >/dev/null || fail "pulumi $version is not installed and can neither be downloaded nor built" \
        "Install Pulumi $version or newer; or Go 1.26, which builds it here."
    say "pulumi $version: cannot be downloaded; building it from its Go module (3 to 5 minutes, only once)"
    mkdir -p "$1"
    (cd offline/pulumi && CGO_ENABLED=0 go build -trimpath -o "$1/pulumi.part" \
        -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$version" \
        github.com/pulumi/pulumi/pkg/v3/cmd/pulumi) ||
        fail "pulumi $version could not be built" "What go says stands above. Then run this again."
    mv "$1/pulumi.part" "$1/pulumi"
    took=$((SECONDS - began))
    say "pulumi $version: built from its Go module, $((took / 60))m$((took % 60))s"
}

# link EXECUTABLE: pulumi looks for its language host beside the file that it really is.
link() { mkdir -p "$bin"; ln -sfn "$1" "$bin/pulumi"; }
place() {
    [ "$1" -ef "$bin/pulumi" ] && [ ! -L "$bin/pulumi" ] && return
    mkdir -p "$bin"
    ln -f "$1" "$bin/pulumi.part" 2>/dev/null || cp "$1" "$bin/pulumi.part"
    mv "$bin/pulumi.part" "$bin/pulumi"
}

# command_of MODULE FILE: a command that runs a module of this checkout. -P keeps the working folder out of
# its import path.
command_of() {
    mkdir -p "$(dirname "$2")"
    {
        echo '#!/usr/bin/env bash'
        printf 'PYTHONPATH=%q exec %q -P -m %s "$@"\n' "$PWD" "$PWD/.venv/bin/python" "$1"
    } >"$2.part"
    chmod +x "$2.part"
    mv "$2.part" "$2"
}

set_up_cli() {
    local built downloaded=$cache/pulumi-$version-official
    built=$cache/pulumi-$(cat offline/pulumi/go.mod offline/pulumi/go.sum | sha256sum | cut -c1-16)
    if pulumi=$(installed); then
        say "pulumi $("$pulumi" version): installed, $pulumi"
        rm -f "$bin"/pulumi "$bin"/pulumi-language-python
    elif [ -x "$downloaded/pulumi" ] || { [ ! -x "$built/pulumi" ] && download "$downloaded"; }; then
        pulumi=$downloaded/pulumi
        rm -f "$bin/pulumi-language-python"
        link "$pulumi"
        say "pulumi $version: the official one, in $downloaded"
    else
        [ -x "$built/pulumi" ] || build "$built"
        pulumi=$built/pulumi
        place "$pulumi"
        command_of offline.language_host "$bin/pulumi-language-python"
        say "pulumi $version: built here from its Go module; Python programs run on offline/language_host.py"
    fi
}

# set_up_plugin NAME: the official plugin that is installed, or was downloaded before, or can be downloaded;
# else the checkout's own of that name.
set_up_plugin() {
    local wanted folder official archive
    wanted=$(sed -n "s/^pulumi-$1==\([0-9.]*\).*/\1/p" requirements.in)
    folder=plugins/resource-$1-v$wanted
    official=$HOME/.pulumi/$folder
    archive=$releases/plugins/pulumi-resource-$1-v$wanted-$(system)-$(machine).tar.gz
    if [ -x "$official/pulumi-resource-$1" ]; then
        [ ! -e "$bin/pulumi" ] || { mkdir -p "$home/plugins" && rm -rf "${home:?}/$folder" && ln -s "$official" "$home/$folder"; }
        say "$1 plugin $wanted: the official one, installed"
    elif [ -e "$home/$folder/official" ]; then
        say "$1 plugin $wanted: the official one, in .local/pulumi-home"
    elif [ ! -e "$home/$folder" ] && fetch "$archive"; then
        say "$1 plugin $wanted: downloading the official one"
        [ -e "$bin/pulumi" ] || link "$pulumi"
        PULUMI_HOME=$home timeout 600 "$pulumi" plugin install resource "$1" "$wanted" ||
            fail "the $1 plugin could not be installed" "What pulumi says stands above. Then run this again."
        touch "$home/$folder/official"
    else
        [ -e "$bin/pulumi" ] || link "$pulumi"
        [ ! -L "$home/$folder" ] || rm "$home/$folder"
        command_of "offline.$1" "$home/$folder/pulumi-resource-$1"
        say "$1 plugin $wanted: cannot be downloaded; offline/$1 stands in for it"
    fi
}

set_up_cli
set_up_plugin docker
set_up_plugin kubernetes
