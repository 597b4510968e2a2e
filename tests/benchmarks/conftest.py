"""The benchmark's code lies in experiments/, which is not installed: the checkout goes on the path."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
