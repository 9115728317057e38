"""The whole topology on one machine: the unmodified program, emulated accounts, real refusals."""
