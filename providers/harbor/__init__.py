"""The plugin `fate-harbor`: what is in a Harbor, as resources."""
