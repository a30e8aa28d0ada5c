"""How a chart's values, its Secrets or its push fail."""


class ChartFault(Exception):
    """It could not be done; the text says what, why and what to do. Nothing was made."""
