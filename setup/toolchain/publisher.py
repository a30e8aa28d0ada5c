"""Where Pulumi's archives and their checksums are published, or are mirrored.

`FATE_PULUMI_RELEASES` stands in the place of https://get.pulumi.com/releases: archives lie below its `sdk/`
and `plugins/`, checksums beside them. `PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES` is obeyed as Pulumi does.
"""

import os
import re
from dataclasses import dataclass

from setup.toolchain.checkout import SetupFailure, machine, system

RELEASES = "https://get.pulumi.com/releases"
GITHUB = "https://github.com/pulumi/{repository}/releases/download/v{version}"
OVERRIDES = "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES"


@dataclass(frozen=True)
class Archive:
    """An archive's name, that of the file with its checksum, and the addresses that may have both."""

    name: str
    checksums: str
    addresses: tuple[str, ...]


def cli(version: str) -> Archive:
    """Return the archive of the CLI with its language hosts."""
    return Archive(
        f"pulumi-v{version}-{system()}-{machine(amd64='x64')}.tar.gz",
        f"pulumi-{version}-checksums.txt",
        _addresses("sdk", "pulumi", version),
    )


def plugin(name: str, version: str) -> Archive:
    """Return the archive of a resource plugin."""
    repository = f"pulumi-{name}"
    return Archive(
        f"pulumi-resource-{name}-v{version}-{system()}-{machine()}.tar.gz",
        f"{repository}_{version}_checksums.txt",
        _overridden(repository) or _addresses("plugins", repository, version),
    )


def _addresses(folder: str, repository: str, version: str) -> tuple[str, ...]:
    if mirror := os.environ.get("FATE_PULUMI_RELEASES"):
        return (f"{mirror.rstrip('/')}/{folder}",)
    return f"{RELEASES}/{folder}", GITHUB.format(repository=repository, version=version)


def _overridden(repository: str) -> tuple[str, ...]:
    """Return where the operator's overrides send a plugin's download, nothing where none matches."""
    asked = (f"github://api.github.com/pulumi/{repository}", f"{RELEASES}/plugins")
    pairs = [_pair(text) for text in filter(None, os.environ.get(OVERRIDES, "").split(","))]
    found = [_filled(to, match) for url in asked for match, to in _matches(pairs, url)]
    return tuple(dict.fromkeys(url.rstrip("/") for url in found))


def _pair(text: str) -> tuple[re.Pattern[str], str]:
    pattern, _, url = text.partition("=")
    try:
        return re.compile(pattern), url
    except re.error as error:
        remedy = "Write regexp=URL, several with commas between them, as Pulumi's documentation says."
        raise SetupFailure(f"{OVERRIDES}: {pattern!r} is no regular expression: {error}", remedy) from None


def _matches(pairs: list[tuple[re.Pattern[str], str]], url: str) -> list[tuple[re.Match[str], str]]:
    """Return the first pair that matches, as Pulumi takes it."""
    return [(match, to) for pattern, to in pairs if (match := pattern.search(url))][:1]


def _filled(url: str, match: re.Match[str]) -> str:
    """Put the groups of a match in the place of `$1` and `${name}`."""
    for number, text in enumerate((match[0], *match.groups(""))):
        url = url.replace(f"${number}", text)
    for name, text in match.groupdict("").items():
        url = url.replace(f"${{{name}}}", text)
    return url
