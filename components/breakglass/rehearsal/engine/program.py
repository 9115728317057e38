"""The unmodified program of a project, run to its end in this process."""

import asyncio
import contextlib
import functools
import inspect
import json
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, Final

import pulumi
from pulumi.runtime import resource as pulumi_resource
from pulumi.runtime import settings
from pulumi.runtime import stack as pulumi_stack
from pulumi.runtime.proto import source_pb2

from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine.monitor import CALLED_FROM, Engine, Monitor
from breakglass.rehearsal.engine.project import Project
from breakglass.rehearsal.engine.registration import Applier, Log, Run, Unfinished

pulumi_invoke = sys.modules["pulumi.runtime.invoke"]
"""The module: as an attribute of ``pulumi.runtime`` the name is that of a function."""

SETTLE_SECONDS: Final = 10
"""How long resources under way when another one failed are waited for."""


def run(  # noqa: PLR0913 - what the engine is told on its command line
    project: Path,
    stack: str,
    config: Mapping[str, object],
    applier: Applier,
    *,
    preview: bool = False,
    organization: str = "organization",
    parallel: int = 1,
    foreign: bool = False,
) -> Run:
    """Run the program of the project in the folder ``project`` and wait for everything it made.

    ``config`` maps ``namespace:key`` to a value; one that is no text is passed on as JSON, as a
    structured value of a stack file is. ``parallel`` is how many resources may be made at once; the
    emulation makes one call at a time, so more threads only wait for each other (a quarter of the
    CPU at eight). ``foreign`` is a program that need not be the kit's (see ``Monitor``).
    Raises ``RegistrationError`` when a resource failed, with a note for each other one that did;
    an exception of the program itself as it is, with a note of its line; ``RehearsalError`` for a
    program that ends itself, since nobody knows what it would have made, and, unless it is
    ``foreign``, for one that leaves work unfinished.
    """
    home = Project.load(project)
    home.demand_program()
    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in config.items()}
    monitor = Monitor(
        applier,
        project=home.name,
        stack=stack,
        organization=organization,
        config=texts,
        root=home.root,
        preview=preview,
        foreign=foreign,
    )
    engine = Engine()
    with (
        _fresh_modules(home.program),
        _patient_wait(),
        _quick_stack_trace(),
        _lines_of_functions(),
        contextlib.chdir(home.program),
    ):
        try:
            unfinished = asyncio.run(_main(home, monitor, engine, texts, parallel))
        except SystemExit as ended:
            way = f"by sys.exit({ended.code!r})"
            raise RehearsalError(f"the program ended itself {way} before its end") from ended
        finally:
            monitor.close()
    if unfinished and not foreign:
        left = ", ".join(f"{one.name} ({one.source})" for one in unfinished)
        raise RehearsalError(f"the program ended before its own asynchronous work: {left}")
    return Run(monitor.records, monitor.exports, tuple(engine.logs), unfinished)


async def _main(
    home: Project, monitor: Monitor, engine: Engine, config: dict[str, str], parallel: int
) -> tuple[Unfinished, ...]:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(parallel))
    loop.set_exception_handler(lambda _, context: _log_unretrieved(engine, context))
    settings.configure(
        settings.Settings(
            project=monitor.project,
            stack=monitor.stack,
            organization=monitor.organization,
            monitor=monitor,
            engine=engine,
            dry_run=monitor.preview,
            root_directory=str(home.root),
        )
    )
    pulumi.runtime.set_all_config(config, [])
    try:
        await pulumi.runtime.run_in_stack(lambda: _execute(home.program))
    except Exception as error:
        await _settle()
        _explain(error, monitor, home.root)
        raise
    return tuple(_unfinished(home.root))


def _execute(program: Path) -> None:
    """Run it as ``pulumi-language-python-exec`` does, but drop the module's namespace."""
    process = os.getpid()
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        if os.getpid() != process:  # a copy that the program forked: what follows is not its own
            os._exit(sys.exc_info()[0] is not None)


def _unfinished(root: Path) -> Iterator[Unfinished]:
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        for frame in task.get_stack(limit=1):
            file = Path(frame.f_code.co_filename)
            shown = file.relative_to(root) if file.is_relative_to(root) else file
            yield Unfinished(frame.f_code.co_name, f"{shown}:{frame.f_lineno}")


def _log_unretrieved(engine: Engine, context: dict[str, Any]) -> None:
    """Log that a failure reached several outputs: the SDK raises it once and leaves the others."""
    engine.logs.append(Log("DEBUG", f"{context['message']}: {context.get('exception')!r}"))


async def _settle() -> None:
    """Let what was under way end, so that each failure is known; the SDK stops at the first."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=SETTLE_SECONDS)


def _explain(error: Exception, monitor: Monitor, root: Path) -> None:
    for failure in monitor.failures:
        if failure is not error:
            error.add_note(f"also failed: {failure}")
    if error not in monitor.failures:
        for line in _lines(error, root)[-1:]:
            error.add_note(f"raised by the program at {line}")


def _lines(error: Exception, root: Path) -> list[str]:
    """List the program's lines on the way to ``error``.

    A future that several wait for hands its traceback to the first of them only, so that of the
    SDK's own first look is taken into account.
    """
    manager = settings.SETTINGS.rpc_manager
    frames = traceback.extract_tb(error.__traceback__)
    if manager.unhandled_exception is error:
        frames += traceback.extract_tb(manager.exception_traceback)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root)]
    return [f"{Path(frame.filename).relative_to(root)}:{frame.lineno}" for frame in ours]


@contextlib.contextmanager
def _fresh_modules(program: Path) -> Iterator[None]:
    """Import the program's own modules anew, and leave none behind for the next run.

    No bytecode either: Python takes it for current when a source of the same size was written
    within the same second.
    """
    _forget_modules(program)
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_none
        _forget_modules(program)


def _forget_modules(folder: Path) -> None:
    inside = f"{folder}{os.sep}"
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name != "__main__" and file.startswith(inside):
            del sys.modules[name]


@contextlib.contextmanager
def _patient_wait() -> Iterator[None]:
    """Let the SDK wait for all outputs at once instead of going over all of them after each.

    ``pulumi.runtime.stack.wait_for_rpcs`` waits with ``FIRST_COMPLETED`` in a loop, which is
    quadratic in the number of outputs and 75 % of a run whose resources take milliseconds. Private
    to the SDK: a test pins what is relied upon.
    """
    patient = {**vars(asyncio), "FIRST_COMPLETED": asyncio.FIRST_EXCEPTION}
    vars(pulumi_stack)["asyncio"] = SimpleNamespace(**patient)
    try:
        yield
    finally:
        vars(pulumi_stack)["asyncio"] = asyncio


@contextlib.contextmanager
def _quick_stack_trace() -> Iterator[None]:
    """Let the SDK read the lines that lead to a resource off the stack, each worked out once.

    A resource is sent with some 25 lines, most of them the same for all; the SDK asks the disk for
    each of their files and makes each file a URI anew. Private to the SDK: a test pins what is
    relied upon, and that the answer is the same.
    """
    given = pulumi_resource._get_stack_trace  # noqa: SLF001 - there is no other hold

    def stack_trace() -> source_pb2.StackTrace:
        callers = _callers_of_the_resource(inspect.currentframe())
        return source_pb2.StackTrace(frames=_lines_of(callers))

    vars(pulumi_resource)[given.__name__] = stack_trace
    try:
        yield
    finally:
        vars(pulumi_resource)[given.__name__] = given


@contextlib.contextmanager
def _lines_of_functions() -> Iterator[None]:
    """Note the lines that lead to a provider's function: the SDK sends them for resources only.

    The call is sent from a task, whose stack holds no line of the program; but a task keeps the
    context in which it was made. Private to the SDK: a test pins what is relied upon.
    """
    given = vars(pulumi_invoke)
    noting = {
        "asyncio": SimpleNamespace(
            **{**vars(asyncio), "ensure_future": _noting(asyncio.ensure_future)}
        ),
        "_sync_await": _noting(given["_sync_await"]),
    }
    kept = {name: given[name] for name in noting}
    given.update(noting)
    try:
        yield
    finally:
        given.update(kept)


def _noting(start: Callable[..., Any]) -> Callable[..., Any]:
    """Start work in a context that knows which lines lead to it; the first to know is right."""

    def noted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever asyncio is given
        if CALLED_FROM.get():
            return start(*args, **kwargs)
        callers = islice(_outwards(inspect.currentframe()), 1, None)  # all but this function
        token = CALLED_FROM.set(_lines_of(callers))
        try:
            return start(*args, **kwargs)
        finally:
            CALLED_FROM.reset(token)

    return noted


def _lines_of(callers: Iterable[FrameType]) -> tuple[source_pb2.StackFrame, ...]:
    return tuple(_line(frame.f_code.co_filename, frame.f_lineno) for frame in callers)


@functools.cache
def _line(filename: str, line: int | None) -> source_pb2.StackFrame:
    position_of = pulumi_resource._get_source_position_for_frame  # noqa: SLF001 - no other hold
    frame = traceback.FrameSummary(filename, line, "", lookup_line=False)
    return source_pb2.StackFrame(pc=position_of(frame))


_INITS_OF_A_RESOURCE: Final = 3
"""The constructors of Resource, of CustomResource or ComponentResource, and of the class itself."""


def _callers_of_the_resource(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield what called the constructor of a resource, the innermost first; nothing for others."""
    inits = 0
    while frame is not None and inits < _INITS_OF_A_RESOURCE:
        inits += frame.f_code.co_name == "__init__"
        frame = frame.f_back
    yield from _outwards(frame)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
