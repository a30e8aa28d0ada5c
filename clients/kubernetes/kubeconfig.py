"""A kubeconfig: which contexts it has, and what the chosen one says about its cluster and its user.

Several files are read together as kubectl does: of two entries of one name, the first counts.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clients.kubernetes.failures import Misconfigured, NoSuchEntry, Unreadable

Entry = Mapping[str, Any]
HOME = "~/.kube/config"
FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
SECTIONS = {"context": "contexts", "cluster": "clusters", "user": "users"}


@dataclass(frozen=True)
class Access:
    """The way to one cluster. Files that it names are named from the root."""

    context: str
    namespace: str
    cluster: Entry
    user: Entry = field(repr=False)
    files: str = ""
    """The kubeconfig's paths; none where its contents were given."""

    @property
    def server(self) -> str:
        """Return the API server's address."""
        return str(self.cluster["server"]).rstrip("/")


def access(kubeconfig: str | None, context: str | None) -> Access:
    """Return the way to the cluster of a context, or of the current one. Raises Misconfigured.

    `kubeconfig` is the contents, or paths; without it, KUBECONFIG's files or the one at home count.
    """
    documents, where = list(_documents(kubeconfig)), _where(kubeconfig)
    chosen = context or next((d["current-context"] for d, _ in documents if d.get("current-context")), None)
    found = _entry(documents, where, "context", chosen)
    cluster = _entry(documents, where, "cluster", found.get("cluster"))
    if not str(cluster.get("server", "")).startswith(("https://", "http://")):
        server = cluster.get("server")
        raise Misconfigured(f"{where}: the cluster of context {chosen!r} has no address (server: {server!r})")
    user = found.get("user")
    return Access(
        context=str(chosen),
        namespace=str(found.get("namespace") or "default"),
        cluster=cluster,
        user=_entry(documents, where, "user", user) if user else {},
        files="" if _is_contents(kubeconfig) else files_of(kubeconfig),
    )


def named(kubeconfig: str | None) -> str:
    """Return the paths as they are written: by who asks, else by KUBECONFIG, else kubectl's own."""
    return kubeconfig or os.environ.get("KUBECONFIG") or HOME


def files_of(kubeconfig: str | None) -> str:
    """Return the paths that count: of several those that exist, or all where none does."""
    files = [os.path.expanduser(file) for file in named(kubeconfig).split(os.pathsep) if file]
    return os.pathsep.join([file for file in files if os.path.exists(file)] or files)


def _where(kubeconfig: str | None) -> str:
    inline = _is_contents(kubeconfig)
    return "the kubeconfig given to the provider" if inline else f"kubeconfig {named(kubeconfig)!r}"


def _is_contents(kubeconfig: str | None) -> bool:
    return bool(kubeconfig and ("\n" in kubeconfig or kubeconfig.lstrip().startswith("{")))


def _documents(kubeconfig: str | None) -> Iterator[tuple[Entry, Path]]:
    if kubeconfig and _is_contents(kubeconfig):
        yield _parsed(kubeconfig, _where(kubeconfig), ""), Path()
        return
    for file in files_of(kubeconfig).split(os.pathsep):
        try:
            contents = Path(file).read_text()
        except FileNotFoundError as failure:
            words = f"kubeconfig {named(kubeconfig)!r} does not exist"
            raise Unreadable(words, file, failure) from failure
        except (OSError, UnicodeDecodeError) as failure:
            raise Unreadable(f"kubeconfig {file!r} cannot be read: {failure}", file, failure) from failure
        yield _parsed(contents, f"kubeconfig {file!r}", file), Path(file).parent


def _parsed(contents: str, where: str, file: str) -> Entry:
    import yaml

    try:
        document = yaml.load(contents, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError) as failure:
        raise Unreadable(f"{where} is no YAML{_place(failure)}", file, failure) from None
    if not isinstance(document, Mapping) or not all(_is_section(document, kind) for kind in SECTIONS):
        words = f"{where} is no kubeconfig: it has no clusters, contexts and users"
        raise Unreadable(words, file, None, document is None)
    return document


def _place(failure: Exception) -> str:
    """Return where a text is no YAML, and why; nothing of the text, which may hold secrets."""
    mark, problem = getattr(failure, "problem_mark", None), getattr(failure, "problem", None)
    line = f" in line {mark.line + 1}" if mark else ""
    return f"{line}: {problem}" if problem else line


def _is_section(document: Entry, kind: str) -> bool:
    """Return whether a section is a list of named entries, or nothing."""
    entries = document.get(SECTIONS[kind])
    return entries is None or (
        isinstance(entries, list)
        and all(isinstance(each, Mapping) and "name" in each for each in entries)
        and all(isinstance(each.get(kind) or {}, Mapping) for each in entries)
    )


def _entries(documents: list[tuple[Entry, Path]], kind: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for document, folder in documents:
        for each in document.get(SECTIONS[kind]) or ():
            found.setdefault(str(each["name"]), _rooted(each.get(kind) or {}, folder))
    return found


def _rooted(entry: Entry, folder: Path) -> Entry:
    files = {name: str(folder / Path(str(entry[name])).expanduser()) for name in FILES if entry.get(name)}
    program = entry.get("exec")
    if isinstance(program, Mapping) and os.sep in str(program.get("command", "")):
        return {**entry, **files, "exec": {**program, "command": str(folder / str(program["command"]))}}
    return {**entry, **files}


def _entry(documents: list[tuple[Entry, Path]], where: str, kind: str, name: object) -> Entry:
    found = _entries(documents, kind)
    if not name or str(name) not in found:
        raise NoSuchEntry(where, kind, name, list(found))
    return found[str(name)]
