"""What engines, clusters and registries are asked before anything is made. Changes nothing."""
