"""``python -m breakglass.cli``: the command line where no entry point is installed."""

from breakglass.cli import main

main()
