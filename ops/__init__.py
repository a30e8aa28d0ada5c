"""What operators run: one command, `fate`, with a subcommand a folder."""
