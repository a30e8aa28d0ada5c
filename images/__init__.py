"""The recipes of the images that are built here rather than pulled, and what is made of them by hand."""
