"""A kubeconfig: which contexts it has, and what the chosen one says about its cluster and its user.

Several files are read together as kubectl does: of two entries of one name, the first counts.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offline.protocol.failures import Refusal

Entry = Mapping[str, Any]
HOME = "~/.kube/config"
FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
SECTIONS = {"contexts": "context", "clusters": "cluster", "users": "user"}


@dataclass(frozen=True)
class Access:
    """The way to one cluster. Files that it names are named from the root."""

    context: str
    namespace: str
    cluster: Entry
    user: Entry = field(repr=False)

    @property
    def server(self) -> str:
        """Return the API server's address."""
        return str(self.cluster["server"])


def access(kubeconfig: str | None, context: str | None) -> Access:
    """Return the way to the cluster of a context, or of the current one.

    `kubeconfig` is the contents or a path; without it, KUBECONFIG's files or the one at home count.
    """
    documents = list(_documents(kubeconfig))
    where = _where(kubeconfig)
    chosen = context or next((d["current-context"] for d, _ in documents if d.get("current-context")), None)
    if not chosen:
        raise Refusal(
            f"{where} has no current context. Give the provider `context`: {_known(documents, 'contexts')}."
        )
    found = _entry(documents, where, "contexts", chosen)
    cluster = _entry(documents, where, "clusters", found.get("cluster"))
    if not str(cluster.get("server", "")).startswith(("https://", "http://")):
        server = cluster.get("server")
        raise Refusal(f"{where}: the cluster of context {chosen!r} has no address (server: {server!r})")
    user = found.get("user")
    return Access(
        context=chosen,
        namespace=found.get("namespace") or "default",
        cluster=cluster,
        user=_entry(documents, where, "users", user) if user else {},
    )


def _documents(kubeconfig: str | None) -> Iterator[tuple[Entry, Path]]:
    if kubeconfig and ("\n" in kubeconfig or kubeconfig.lstrip().startswith("{")):
        yield _parsed(kubeconfig, "the kubeconfig given to the provider"), Path()
        return
    files = [Path(name).expanduser() for name in _paths(kubeconfig).split(os.pathsep) if name]
    present = [file for file in files if file.exists()]
    if not present:
        raise Refusal(
            f"kubeconfig {_paths(kubeconfig)!r} does not exist. "
            "Give the provider `kubeconfig`, the path of one that does."
        )
    for file in present:
        try:
            contents = file.read_text()
        except (OSError, UnicodeDecodeError) as failure:
            raise Refusal(f"kubeconfig {str(file)!r} cannot be read: {failure}") from failure
        yield _parsed(contents, f"kubeconfig {str(file)!r}"), file.parent


def _paths(kubeconfig: str | None) -> str:
    return kubeconfig or os.environ.get("KUBECONFIG") or HOME


def _where(kubeconfig: str | None) -> str:
    inline = kubeconfig and ("\n" in kubeconfig or kubeconfig.lstrip().startswith("{"))
    return "the kubeconfig given to the provider" if inline else f"kubeconfig {_paths(kubeconfig)!r}"


def _parsed(contents: str, where: str) -> Entry:
    import yaml

    try:
        document = yaml.load(contents, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        line = f" in line {mark.line + 1}" if mark else ""
        raise Refusal(f"{where} is no YAML{line}: {failure.problem}") from None
    except yaml.YAMLError:
        raise Refusal(f"{where} is no YAML") from None
    if not isinstance(document, Mapping):
        raise Refusal(f"{where} is no kubeconfig: it has no clusters, contexts and users")
    return document


def _entries(documents: list[tuple[Entry, Path]], section: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for document, folder in documents:
        for each in document.get(section) or ():
            name = str(each.get("name"))
            found.setdefault(name, _rooted(each.get(SECTIONS[section]) or {}, folder))
    return found


def _rooted(entry: Entry, folder: Path) -> Entry:
    return {
        **entry,
        **{name: str(folder / Path(entry[name]).expanduser()) for name in FILES if entry.get(name)},
    }


def _entry(documents: list[tuple[Entry, Path]], where: str, section: str, name: str | None) -> Entry:
    found = _entries(documents, section)
    if name is None or name not in found:
        singular = SECTIONS[section]
        raise Refusal(f"{where} has no {singular} {name!r}; it has {_known(documents, section)}")
    return found[name]


def _known(documents: list[tuple[Entry, Path]], section: str) -> str:
    names = sorted(_entries(documents, section))
    return ", ".join(map(repr, names)) if names else "none"
