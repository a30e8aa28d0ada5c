"""What installs and checks a machine: scripts, and the modules that they and the Makefile run."""
