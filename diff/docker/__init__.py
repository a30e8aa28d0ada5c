"""How the official Docker plugin compares."""
