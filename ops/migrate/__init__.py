"""From KubeFATE's files to stack files. Knows `config`, and nothing of Pulumi, Docker or Kubernetes."""
