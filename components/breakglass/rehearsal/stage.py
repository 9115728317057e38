"""The stage of a rehearsal: both sides of a topology, applied by the unmodified program.

First what must exist, then the keeper side, then the edge side, each by its own deployer. Attacks and
invariants act on what then stands.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from breakglass.rehearsal import registry
from breakglass.rehearsal.apply import Applier, CloudOf, Kept
from breakglass.rehearsal.callers import Caller
from breakglass.rehearsal.clouds import AwsClouds
from breakglass.rehearsal.emulator import Emulator
from breakglass.rehearsal.github.client import GitHubCloud
from breakglass.rehearsal.github.server import Server
from breakglass.rehearsal.github.state import GitHub
from breakglass.rehearsal.github_prelude import GitHubPrelude, github_prelude
from breakglass.rehearsal.guard import Guard, World
from breakglass.rehearsal.handlers import github as github_handlers
from breakglass.rehearsal.monitor import Registration
from breakglass.rehearsal.prelude import Prelude, before, prelude
from breakglass.rehearsal.program import Run, run
from breakglass.rehearsal.registry import Registry
from breakglass.settings import Organisation, Side
from breakglass.topology import Topology

Progress = Callable[[str], None]
"""Told what begins, in a few words."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A topology that stands on emulated accounts and an emulated GitHub."""

    organisation: Organisation
    emulator: Emulator
    github: GitHub
    github_server: Server
    existing: Prelude
    existing_github: GitHubPrelude
    runs: Mapping[Side, Run]
    """What the program registered and exported, by side."""
    kept: tuple[Kept, ...]
    """Inputs that the emulator dropped and that are kept beside it."""

    @property
    def topology(self) -> Topology:
        """What follows from the settings."""
        return Topology(self.organisation)

    @property
    def records(self) -> Mapping[str, Registration]:
        """Every registered resource of all sides, by URN."""
        return {urn: record for one in self.runs.values() for urn, record in one.records.items()}


def sides_of(organisation: Organisation, side: Side | None = None) -> tuple[Side, ...]:
    """The stacks of an organisation, in the order in which they are applied."""
    if side is not None:
        return (side,)
    return (Side.ALL,) if organisation.small else (Side.KEEPER, Side.EDGE)


@contextmanager
def stage(
    project: Path,
    file: Path,
    organisation: Organisation,
    *,
    side: Side | None = None,
    progress: Progress = lambda _: None,
) -> Iterator[Stage]:
    """Set the stage for ``organisation``, read from ``file``, with the program of ``project``.

    Raises RegistrationError where a resource cannot be applied, GuardDenied where a deployer may not.
    """
    with ExitStack() as stack:
        emulator = stack.enter_context(Emulator(Guard(World())))
        github = GitHub()
        server = stack.enter_context(Server(github))
        progress("what must exist first")
        existing = prelude(emulator, before(organisation))
        existing_github = github_prelude(github, organisation)

        runs: dict[Side, Run] = {}
        kept: list[Kept] = []
        for one in sides_of(organisation, side):
            progress(f"the {one} side")
            github_cloud = GitHubCloud(
                organisation.github.organization, existing_github.deployer_token, server.base_url
            )
            stack.callback(github_cloud.close)
            deployer = _pipeline(emulator, organisation, one)
            clouds = AwsClouds(emulator, deployer, organisation.home_region)
            applier = Applier(_registry(), {"aws": clouds, "github": _always(github_cloud)})
            runs[one] = _run(project, file, organisation, one, applier)
            kept += applier.kept
        yield Stage(
            organisation,
            emulator,
            github,
            server,
            existing,
            existing_github,
            runs,
            tuple(kept),
        )


def _registry() -> Registry:
    """Every handler and function, AWS's and GitHub's."""
    amazon = registry.aws()
    handlers = (*amazon.handlers.values(), *github_handlers.HANDLERS)
    return Registry.of(handlers, {**amazon.functions, **github_handlers.INVOKES})


def _always(cloud: GitHubCloud) -> CloudOf:
    """The one GitHub, whatever the provider and the region."""
    return lambda _provider, _region: cloud


def _run(
    project: Path, file: Path, organisation: Organisation, side: Side, applier: Applier
) -> Run:
    """Run the program as the engine would for the stack of one side."""
    config = {"breakglass:organisation": str(file), "breakglass:side": side.value}
    for endpoint in organisation.pager:
        if endpoint.secret:
            config[f"breakglass:{endpoint.secret}"] = f"https://{endpoint.secret}.example.com"
    stack = organisation.name if side is Side.ALL else f"{organisation.name}-{side}"
    return run(project, stack, config, applier)


def _pipeline(emulator: Emulator, organisation: Organisation, side: Side) -> Caller:
    """Who runs ``pulumi up`` for a side, before it assumes the deployer of each account."""
    deployers = organisation.deployers
    arn = deployers.edge if side is Side.EDGE else deployers.keeper
    if ":user/" in arn:
        return emulator.user(arn)
    return emulator.session(arn, session_name="pipeline")
