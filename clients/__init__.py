"""One way each to what this project talks to: Docker engines, Kubernetes API servers, registries, Harbor."""
