"""How each demonstration of the lab is asked for and shown in a terminal, a file each."""
