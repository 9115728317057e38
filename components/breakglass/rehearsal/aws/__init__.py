"""The emulated AWS accounts: who calls, what the platform refuses, and what moto lacks."""
