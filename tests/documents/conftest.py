"""What the tests of the policy documents share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # where deciding is
