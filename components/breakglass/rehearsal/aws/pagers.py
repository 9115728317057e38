"""Where pages would go. moto really POSTs to an https subscription, so no endpoint reaches it.

A subscription of any protocol but ``sqs`` is stored in moto as an e-mail address that stands for
the real endpoint (moto sends no mail), answers show the real one again, and what is published lands
in ``Emulator.pages``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from breakglass.rehearsal.aws import store
from breakglass.rehearsal.aws.clients import OutgoingCall

_DOMAIN = "pagers.invalid"


@dataclass(frozen=True, slots=True)
class Page:
    """One message that a pager would have got."""

    topic: str
    """ARN."""
    protocol: str
    endpoint: str
    subject: str | None
    message: str


@dataclass(slots=True)
class Pagers:
    """The endpoints that the emulation keeps to itself."""

    _real: dict[str, tuple[str, str]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def conceal(self, call: OutgoingCall) -> None:
        """Put an address that nobody can reach in the place of a subscription's endpoint."""
        protocol, endpoint = call.params.get("Protocol"), call.params.get("Endpoint")
        if protocol in {None, "sqs"} or endpoint is None:
            return
        call.sent.update(Protocol="email", Endpoint=self._stand_in(protocol, endpoint))

    def _stand_in(self, protocol: str, endpoint: str) -> str:
        """Return the same address for the same endpoint: AWS makes no second subscription of it."""
        for address, real in self._real.items():
            if real == (protocol, endpoint):
                return address
        address = f"pager-{next(self._numbers)}@{_DOMAIN}"
        self._real[address] = (protocol, endpoint)
        return address

    def reveal(self, answer: dict[str, Any]) -> None:
        """Show the real endpoint in an answer that tells of subscriptions."""
        for told in [answer.get("Attributes", {}), *answer.get("Subscriptions", [])]:
            real = self._real.get(told.get("Endpoint", ""))
            if real is not None:
                told["Protocol"], told["Endpoint"] = real

    def deliver(self, params: Mapping[str, Any]) -> list[Page]:
        """Return the pages that a ``Publish`` with ``params`` makes, filter policies heeded."""
        topic = params.get("TopicArn") or params.get("TargetArn")
        if topic is None:
            return []
        endpoints = [
            self._real[subscription.endpoint]
            for subscription in store.subscriptions_of(topic)
            if subscription.endpoint in self._real and _wants(subscription, params)
        ]
        subject, message = params.get("Subject"), params["Message"]
        return [Page(topic, *endpoint, subject, message) for endpoint in endpoints]


def _wants(subscription: store.Moto, params: Mapping[str, Any]) -> bool:
    """Tell whether a subscription's filter policy lets the message through."""
    matcher = subscription._filter_policy_matcher  # noqa: SLF001 - moto has no other way to ask
    if matcher is None:
        return True
    attributes = {
        name: {"Type": value["DataType"], "Value": value.get("StringValue")}
        for name, value in params.get("MessageAttributes", {}).items()
    }
    return bool(matcher.matches(attributes, params["Message"]))
