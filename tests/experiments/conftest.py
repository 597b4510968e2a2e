"""Put the checkout on the path, because experiments/ is not installed."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
