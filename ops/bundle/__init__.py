"""`fate bundle`: what a stack needs on the far side of an air gap, in one file.

The file is an uncompressed tar that is an OCI image layout too, which `oras`, `crane` and `skopeo` read; the
same stack gives the same bytes.
"""
