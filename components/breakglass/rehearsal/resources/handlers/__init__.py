"""How each resource type comes about in the emulation, one module a service."""
