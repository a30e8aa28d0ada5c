"""The statements that a database which others run wants before FATE uses it."""
