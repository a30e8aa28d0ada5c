"""Whether a stack's file can be used, without Pulumi and without the secret."""
