"""The stage of a rehearsal: both sides of a topology, applied by the unmodified program.

First what must exist, then the keeper side, then the edge side, each by its own deployer. Attacks
and invariants act on what then stands.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from breakglass.errors import RehearsalError
from breakglass.quotas import QUOTAS
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import make_ready
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.aws.prelude import Prelude, before, prelude
from breakglass.rehearsal.engine.registration import Registration, Run
from breakglass.rehearsal.garbage import rarely_collected
from breakglass.rehearsal.github.client import GitHubCloud
from breakglass.rehearsal.github.prelude import GitHubPrelude, github_prelude
from breakglass.rehearsal.github.server import Server
from breakglass.rehearsal.github.state import GitHub
from breakglass.rehearsal.guard import Guard, World
from breakglass.rehearsal.programs import Here, Programs
from breakglass.rehearsal.resources import registry
from breakglass.rehearsal.resources.apply import Applier, CloudOf, Kept
from breakglass.rehearsal.resources.clouds import AwsClouds
from breakglass.rehearsal.resources.registry import PropertiesOf, properties_of
from breakglass.rehearsal.stacks import programs_of, sides_of
from breakglass.settings import Organisation, Side
from breakglass.topology import Topology

Progress = Callable[[str], None]
"""Told what begins, in a few words."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What exists before the program runs, and the hands that its deployers act with."""

    organisation: Organisation
    emulator: Emulator
    github: GitHub
    github_server: Server
    existing: Prelude
    existing_github: GitHubPrelude

    @contextmanager
    def applier(self, side: Side, properties: PropertiesOf = properties_of) -> Iterator[Applier]:
        """Apply resources as the deployer of ``side``; ``properties`` says what the SDK knows."""
        owner = self.organisation.github.organization
        token = self.existing_github.deployer_token
        with GitHubCloud(owner, token, self.github_server.base_url) as github_cloud:
            deployer = _pipeline(self.emulator, self.organisation, side)
            clouds = AwsClouds(self.emulator, deployer, self.organisation.home_region)
            found: Mapping[str, CloudOf] = {"aws": clouds, "github": _always(github_cloud)}
            yield Applier(registry.complete(), found, properties=properties)


@dataclass(frozen=True, slots=True)
class Stage:
    """A topology that stands on emulated accounts and an emulated GitHub."""

    backdrop: Backdrop
    runs: Mapping[Side, Run]
    """What the program registered and exported, by side."""
    kept: tuple[Kept, ...]
    """Inputs that the emulator dropped and that are kept beside it."""

    @property
    def organisation(self) -> Organisation:
        """The settings that the topology was made from."""
        return self.backdrop.organisation

    @property
    def emulator(self) -> Emulator:
        """The emulated accounts."""
        return self.backdrop.emulator

    @property
    def github(self) -> GitHub:
        """The emulated GitHub, for the hand that prepares it."""
        return self.backdrop.github

    @property
    def github_server(self) -> Server:
        """Where the emulated GitHub listens."""
        return self.backdrop.github_server

    @property
    def existing(self) -> Prelude:
        """What existed in the accounts first."""
        return self.backdrop.existing

    @property
    def existing_github(self) -> GitHubPrelude:
        """What existed on GitHub first."""
        return self.backdrop.existing_github

    @property
    def topology(self) -> Topology:
        """What follows from the settings."""
        return Topology(self.organisation)

    @property
    def records(self) -> Mapping[str, Registration]:
        """Every registered resource of all sides, by URN."""
        return {urn: record for one in self.runs.values() for urn, record in one.records.items()}


@contextmanager
def backdrop(organisation: Organisation) -> Iterator[Backdrop]:
    """Make everything that must exist first: accounts, deployers, people, repositories."""
    github = GitHub()
    quotas = QUOTAS.override(organisation.quotas)
    with Emulator(Guard(World()), quotas=quotas) as emulator, Server(github) as server:
        existing = prelude(emulator, before(organisation))
        existing_github = github_prelude(github, organisation)
        yield Backdrop(organisation, emulator, github, server, existing, existing_github)


@contextmanager
def stage(  # noqa: PLR0913 - the last three are choices that have defaults
    project: Path,
    file: Path,
    organisation: Organisation,
    *,
    side: Side | None = None,
    progress: Progress = lambda _: None,
    programs: Programs | None = None,
) -> Iterator[Stage]:
    """Set the stage for ``organisation``, read from ``file``, with the program of ``project``.

    ``side`` leaves the other one out. What it stands on is applied first, and is no run of it.
    ``programs`` is where the program runs: in this process when omitted.
    Raises RegistrationError where a resource cannot be applied, also where a deployer may not.
    """
    progress("what must exist first")
    programs = programs or Here()
    with rarely_collected(), backdrop(organisation) as behind:
        make_ready(registry.SERVICES, organisation.home_region)  # while the program loads
        runs: dict[Side, Run] = {}
        kept: list[Kept] = []
        for program in programs_of(project, file, organisation, side):
            one = program.side
            progress("both sides" if one is Side.ALL else f"the {one} side")
            with behind.applier(one, programs.properties) as applier:
                made = programs.perform(program, applier)
            if not any(record.custom for record in made.records.values()):
                raise RehearsalError(f"the program of {project} made nothing for the {one} side")
            if one in sides_of(organisation, side):
                runs[one] = made
                kept += applier.kept
        yield Stage(behind, runs, tuple(kept))


def _always(cloud: GitHubCloud) -> CloudOf:
    """The one GitHub, whatever the provider and the region."""
    return lambda _provider, _region: cloud


def _pipeline(emulator: Emulator, organisation: Organisation, side: Side) -> Caller:
    """Who runs ``pulumi up`` for a side, before it assumes the deployer of each account."""
    deployers = organisation.deployers
    arn = deployers.edge if side is Side.EDGE else deployers.keeper
    if ":user/" in arn:
        return emulator.user(arn)
    return emulator.session(arn, session_name="pipeline")
