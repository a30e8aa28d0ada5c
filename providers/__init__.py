"""Pulumi plugins that are this program's own, a folder each; `Pulumi.yaml` names the folder."""
