"""A GitHub on loopback, for the program and its attackers, decided as GitHub documents."""
