"""Published test errors, the configurations that reproduce them, and the records of the errors reached."""
