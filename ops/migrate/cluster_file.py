"""The keys of a `cluster.yaml`, each with its line; a key twice is refused, where YAML would drop one."""

from collections.abc import Iterator

import yaml

from ops.migrate.source import Key, SourceFault, UnreadableSource

KEPT_WHOLE = frozenset(
    {"nodeSelector", "tolerations", "affinity", "annotations", "imagePullSecrets", "hosts", "tls", "confs"}
)
"""Keys whose values are Kubernetes' own or a list: they are taken or left as they are."""
MOST_KEYS = 5000
DEEPEST = 40


def keys_in(text: str, file: str) -> tuple[Key, ...]:
    """Return every key that holds a value, by its dotted name.

    Raises UnreadableSource for what is no mapping, and for a key that stands twice.
    """
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if isinstance(node, yaml.MappingNode):
            return _Walk(loader, file).leaves(node)
    except yaml.YAMLError as error:
        raise UnreadableSource([_no_yaml(error, file)]) from None
    except (ValueError, RecursionError, OverflowError):
        raise UnreadableSource([_no_mapping(file)]) from None
    raise UnreadableSource([_no_mapping(file)])


class _Walk:
    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self._loader, self._file = loader, file
        self._faults: list[SourceFault] = []
        self._left = MOST_KEYS

    def leaves(self, node: yaml.MappingNode) -> tuple[Key, ...]:
        found = tuple(self._below(node, ""))
        if self._faults:
            raise UnreadableSource(self._faults)
        return found

    def _below(self, node: yaml.Node, name: str, depth: int = 0) -> Iterator[Key]:
        if self._left <= 0 or depth > DEEPEST:
            raise self._too_much(node)
        last = name.rpartition(".")[2]
        inner = tuple(self._inner(node, name)) if last not in KEPT_WHOLE else ()
        if not inner:
            self._left -= 1
            yield Key(name, self._loader.construct_object(node, deep=True), _line(node), self._file)
        for below, child in inner:
            yield from self._below(child, below, depth + 1)

    def _inner(self, node: yaml.Node, name: str) -> Iterator[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            yield from self._of_mapping(node, f"{name}." if name else "")
        elif isinstance(node, yaml.SequenceNode) and any(
            not isinstance(child, yaml.ScalarNode) for child in node.value
        ):
            yield from ((f"{name}[{place}]", child) for place, child in enumerate(node.value))

    def _of_mapping(self, node: yaml.MappingNode, before: str) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = before + _text(key)
            if name in seen:
                self._faults.append(self._twice(name, key))
            seen.add(name)
        self._loader.flatten_mapping(node)
        yield from {before + _text(key): value for key, value in node.value}.items()

    def _twice(self, name: str, key: yaml.Node) -> SourceFault:
        problem = f"{name} is written twice, and YAML keeps only one"
        return SourceFault(self._file, _line(key), problem, "keep one of the two")

    def _too_much(self, node: yaml.Node) -> UnreadableSource:
        problem = f"holds more than {MOST_KEYS} keys, or keys more than {DEEPEST} deep"
        remedy = "write out what the anchors (&) stand for"
        return UnreadableSource([SourceFault(self._file, _line(node), problem, remedy)])


def _text(key: yaml.Node) -> str:
    return str(key.value) if isinstance(key, yaml.ScalarNode) else "?"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _no_yaml(error: yaml.YAMLError, file: str) -> SourceFault:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else "a character that YAML forbids"
    return SourceFault(
        file,
        mark.line + 1 if mark else None,
        f"is no YAML: {problem}",
        "write one cluster.yaml as KubeFATE takes it, one party a file",
    )


def _no_mapping(file: str) -> SourceFault:
    return SourceFault(
        file,
        None,
        "is neither a parties.conf nor a cluster.yaml",
        "give KubeFATE's parties.conf (NAME=value) or a cluster.yaml (name: value)",
    )
