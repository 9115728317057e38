"""What holds for every test: no clock decides whether one passes, however slow the machine is."""

from hypothesis import HealthCheck, settings

settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")
