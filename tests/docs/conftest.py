"""The tests of the documents share how pages are read."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
