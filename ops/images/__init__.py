"""`fate images`: the recipes of images built here, and the digests of official ones."""
