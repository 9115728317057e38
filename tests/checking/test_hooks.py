"""Hooks: code of the program that an update calls around a resource, and a check does not."""

import pytest
from foreign import SOUND, Checked

HOOKS = """
def told(args):
    raise SystemExit("a hook was called")


def again(args):
    return False


def hooked(**hooks):
    return pulumi.ResourceOptions.merge(
        working, pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(**hooks))
    )

"""
KINDS = {
    "a hook": "before_create=[pulumi.ResourceHook('tell', told)]",
    "one also in a preview": (
        "after_create=[pulumi.ResourceHook('tell', told, pulumi.ResourceHookOptions("
        "on_dry_run=True))]"
    ),
    "a function": "after_update=[told]",
    "one at its deletion": "before_delete=[pulumi.ResourceHook('tell', told)]",
    "one of errors": "on_error=[pulumi.ErrorHook('again', again)]",
}


@pytest.mark.parametrize("hooks", KINDS.values(), ids=KINDS)
def test_what_a_hook_does_is_unknown_and_it_is_not_called(checked: Checked, hooks: str) -> None:
    report = checked(f"{SOUND}{HOOKS}aws.sqs.Queue('told', opts=hooked({hooks}))\n", stack="prod")
    (found,) = report.shortfalls
    assert (found.invariant, found.verdict.value) == ("everything_can_be_read", "UNKNOWN")
    assert "may do anything when it is applied: told (__main__.py:" in found.text


def test_a_hook_that_is_bound_to_nothing_does_nothing(checked: Checked) -> None:
    program = f"{SOUND}{HOOKS}pulumi.ResourceHook('tell', told)\n"
    assert not checked(program, stack="prod").falls_short


def test_a_transform_can_bind_a_hook(checked: Checked) -> None:
    transform = """
def bind(args):
    if args.name != "orders":
        return None
    options = pulumi.ResourceOptions.merge(args.opts, hooked(before_create=[told]))
    return pulumi.ResourceTransformResult(args.props, options)

pulumi.runtime.register_resource_transform(bind)
"""
    program = SOUND.replace("queue = aws", f"{HOOKS}{transform}\nqueue = aws")
    (found,) = checked(program, stack="prod").shortfalls
    assert "A hook (" in found.text
    assert ": orders (__main__.py:" in found.text
