"""How each resource type comes about in the emulation, and is read back and compared."""
