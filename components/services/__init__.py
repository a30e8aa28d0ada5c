"""What each FATE service needs, as neutral values. Knows nothing of Pulumi, Docker or Kubernetes."""
