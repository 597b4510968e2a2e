"""The report of a run: one HTML page in which the trained network runs."""
