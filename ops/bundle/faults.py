"""How bundling and loading fail."""


class BundleFault(Exception):
    """It could not be done; the text says what, why and what to do. What was done before stays."""


def room(bytes_: int) -> str:
    """Return a size for people."""
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 100_000 else f"{bytes_ / 1e3:.1f} kB"
