"""The names of images in one filter, so that Harbor asks the upstream for no catalogue."""

from collections.abc import Collection


def one_of(names: Collection[str]) -> str:
    """Return the pattern for exactly these names or tags: `federatedai/{a,b}`, or the one name itself.

    Harbor spells out one pair of braces within one part of a path; every other pattern makes it ask for the
    upstream's `_catalog`, which Docker Hub and many registries refuse. So the names have to be of one
    namespace; raises ValueError where they are not, or where one is a pattern itself.
    """
    if not names:
        raise ValueError("no name is given: a filter for nothing would take everything")
    spelled = [name for name in names if set(name) & set("*?[]{},\\^")]
    if spelled:
        raise ValueError(f"{spelled[0]!r} is a pattern, and Harbor would ask for a catalogue: write names")
    spaces = {name.rpartition("/")[0] for name in names}
    if len(spaces) > 1:
        raise ValueError(
            f"the names are of {', '.join(sorted(map(repr, spaces)))}, and one filter has one namespace: "
            "make a replication for each"
        )
    if len(set(names)) == 1:
        return next(iter(names))
    space = next(iter(spaces))
    last = sorted({name.rpartition("/")[2] for name in names})
    return f"{space}/{{{','.join(last)}}}" if space else f"{{{','.join(last)}}}"
