"""One way each to what this project talks to: a Docker engine, a Kubernetes API server, a registry."""
