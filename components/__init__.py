"""What exists: the component resources of a FATE federation."""
