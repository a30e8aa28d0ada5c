"""How the official Kubernetes plugin compares."""
