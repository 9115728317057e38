"""What the tests of the emulated GitHub share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from breakglass.rehearsal.github.server import Server
from breakglass.rehearsal.github.state import GitHub, Installation, Plan, Role

sys.path.insert(0, str(Path(__file__).parent))  # where acme is

from acme import APP, MERGE_APP, SCANNER, World


@pytest.fixture
def world() -> Iterator[World]:
    github = GitHub()
    acme = github.add_organization("acme", Plan.ENTERPRISE)
    github.add_user("olga", acme, "owner")
    for login in ("dora", "rene", "adam", "nora"):
        github.add_user(login, acme)
    github.add_user("eve")
    owners = github.add_team(acme, "owners", ["nora"])
    files: dict[str, str | None] = {
        "app.py": "first",
        "CODEOWNERS": "/infra/ @acme/owners\n/infra/free.txt\n",
    }
    shop = github.add_repository(acme, "shop", files=files)
    shop.collaborators |= {"dora": Role.WRITE, "rene": Role.WRITE, "adam": Role.ADMIN}
    shop.team_roles["owners"] = Role.WRITE
    github.install(github.add_app("scanner", SCANNER), acme, {"checks": "write"}, ["shop"])
    github.install(github.add_app("glassbreaker", APP), acme, MERGE_APP, ["shop"])
    actions = {"contents": "write", "checks": "write", "statuses": "write"}
    acme.installations[15368] = Installation(github.apps[15368], "acme", actions)
    with Server(github) as server:
        shown = World(github, server.base_url, acme, shop, owners)
        yield shown
        for cloud in shown.clouds.values():
            cloud.close()
