"""The GraphQL that the provider sends for branch protection, and the lookups around it.

Source of names and nullability: GitHub's public GraphQL schema, cut down to what is decided here;
a field that is not in this cut is refused by validation, by name. One difference: every actor's
``name`` may be null here. The provider selects it of App, Team and User side by side, which a
strict validation refuses for types that differ in that; GitHub answers it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import graphql
from graphql import GraphQLError, GraphQLResolveInfo

from breakglass.rehearsal.github import access, protection
from breakglass.rehearsal.github.access import Refused
from breakglass.rehearsal.github.state import (
    Actor,
    App,
    BranchProtectionRule,
    GitHub,
    Organization,
    Repository,
    Team,
    User,
)

FLAGS = """
  allowsDeletions: Boolean{x} allowsForcePushes: Boolean{x} blocksCreations: Boolean{x}
  dismissesStaleReviews: Boolean{x} isAdminEnforced: Boolean{x} lockBranch: Boolean{x}
  requireLastPushApproval: Boolean{x} requiresApprovingReviews: Boolean{x}
  requiresCodeOwnerReviews: Boolean{x} requiresCommitSignatures: Boolean{x}
  requiresConversationResolution: Boolean{x} requiresLinearHistory: Boolean{x}
  requiresStatusChecks: Boolean{x} requiresStrictStatusChecks: Boolean{x}
  restrictsPushes: Boolean{x} restrictsReviewDismissals: Boolean{x}
"""
SETTINGS = (
    FLAGS.replace("{x}", "")
    + """
  requiredApprovingReviewCount: Int requiredStatusCheckContexts: [String!]
  bypassForcePushActorIds: [ID!] bypassPullRequestActorIds: [ID!]
  pushActorIds: [ID!] reviewDismissalActorIds: [ID!] clientMutationId: String
"""
)
SCHEMA = (
    """
interface Node { id: ID! }
type App implements Node { id: ID! name: String slug: String! databaseId: Int }
type User implements Node { id: ID! name: String login: String! databaseId: Int }
type Team implements Node {
  id: ID! name: String slug: String! databaseId: Int
  members(first: Int, after: String, membership: TeamMembershipType): TeamMemberConnection!
}
enum TeamMembershipType { ALL CHILD_TEAM IMMEDIATE }
type TeamMemberConnection { nodes: [User] pageInfo: PageInfo! }
union Allowed = App | Team | User
type Allowance { actor: Allowed }
type AllowanceConnection { nodes: [Allowance] totalCount: Int! }
type PageInfo {
  startCursor: String endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean!
}
type BranchProtectionRule implements Node {
  id: ID! pattern: String! repository: Repository
  requiredApprovingReviewCount: Int requiredStatusCheckContexts: [String]
  pushAllowances(first: Int): AllowanceConnection!
  reviewDismissalAllowances(first: Int): AllowanceConnection!
  bypassForcePushAllowances(first: Int): AllowanceConnection!
  bypassPullRequestAllowances(first: Int): AllowanceConnection!
"""
    + FLAGS.replace("{x}", "!")
    + """
}
type BranchProtectionRuleConnection { nodes: [BranchProtectionRule] pageInfo: PageInfo! }
type Repository implements Node {
  id: ID! name: String! nameWithOwner: String! databaseId: Int
  branchProtectionRules(first: Int, after: String): BranchProtectionRuleConnection!
}
type Organization implements Node {
  id: ID! login: String! databaseId: Int team(slug: String!): Team
}
type Query {
  node(id: ID!): Node
  repository(owner: String!, name: String!): Repository
  organization(login: String!): Organization
  user(login: String!): User
}
input CreateBranchProtectionRuleInput { repositoryId: ID! pattern: String! """
    + SETTINGS
    + """ }
input UpdateBranchProtectionRuleInput { branchProtectionRuleId: ID! pattern: String """
    + SETTINGS
    + """ }
input DeleteBranchProtectionRuleInput { branchProtectionRuleId: ID! clientMutationId: String }
type BranchProtectionRulePayload {
  branchProtectionRule: BranchProtectionRule clientMutationId: String
}
type DeleteBranchProtectionRulePayload { clientMutationId: String }
type Mutation {
  createBranchProtectionRule(input: CreateBranchProtectionRuleInput!): BranchProtectionRulePayload
  updateBranchProtectionRule(input: UpdateBranchProtectionRuleInput!): BranchProtectionRulePayload
  deleteBranchProtectionRule(
    input: DeleteBranchProtectionRuleInput!
  ): DeleteBranchProtectionRulePayload
}
"""
)

LIST_OF_ALLOWANCES = {
    "pushAllowances": "push_actor_ids",
    "reviewDismissalAllowances": "review_dismissal_actor_ids",
    "bypassForcePushAllowances": "bypass_force_push_actor_ids",
    "bypassPullRequestAllowances": "bypass_pull_request_actor_ids",
}
ONE_PAGE = {"startCursor": None, "endCursor": None, "hasNextPage": False, "hasPreviousPage": False}

Info = GraphQLResolveInfo[Any]
Thing = Repository | Organization | Team | User | App | BranchProtectionRule


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks whom; every resolver's context."""

    github: GitHub
    actor: Actor


def answer(github: GitHub, actor: Actor, body: Mapping[str, Any]) -> dict[str, Any]:
    """Run one GraphQL request: data, and errors in the form that GitHub gives them."""
    result = graphql.graphql_sync(
        schema(),
        body["query"],
        context_value=Asker(github, actor),
        variable_values=body.get("variables"),
        type_resolver=lambda thing, *_: thing["__typename"],
    )
    shown: dict[str, Any] = {"data": result.data}
    if result.errors:
        shown["errors"] = [show_error(each) for each in result.errors]
    return shown


def show_error(error: GraphQLError) -> dict[str, Any]:
    """An error with GitHub's ``type``; a fault of the emulation itself is raised."""
    shown: dict[str, Any] = {"message": error.message, "path": error.path}
    cause = error.original_error
    if isinstance(cause, Refused):
        rules = {"x-breakglass-rule": cause.rules[0]} if cause.rules else {}
        return shown | {"type": cause.kind, "message": cause.message, "extensions": rules}
    if cause is not None:
        raise cause
    return shown


@cache
def schema() -> graphql.GraphQLSchema:
    """The schema with its resolvers; built once, on the first request."""
    built = graphql.build_schema(SCHEMA)
    for type_name, resolvers in (
        (
            "Query",
            {"node": node, "repository": repository, "organization": organization, "user": user},
        ),
        (
            "Mutation",
            {
                "createBranchProtectionRule": create,
                "updateBranchProtectionRule": update,
                "deleteBranchProtectionRule": delete,
            },
        ),
    ):
        kind = built.type_map[type_name]
        if isinstance(kind, graphql.GraphQLObjectType):
            for name, resolver in resolvers.items():
                kind.fields[name].resolve = resolver
    return built


# --- lookups ------------------------------------------------------------------------------


def node(_: object, info: Info, *, id: str) -> dict[str, Any]:  # noqa: A002 - GitHub's name
    """`node(id:)`."""
    asker: Asker = info.context
    thing = find(asker.github, id)
    home = repository_of(asker.github, thing)
    if thing is None or (home and not sees(asker.actor, home)):
        raise unresolved(f"Could not resolve to a node with the global id of '{id}'")
    return show(asker.github, thing)


def repository_of(github: GitHub, thing: Thing | None) -> Repository | None:
    """The repository that decides whether a thing is seen."""
    if isinstance(thing, BranchProtectionRule):
        return protection.home_of(github, thing.id)
    return thing if isinstance(thing, Repository) else None


def sees(actor: Actor, home: Repository) -> bool:
    """Tell whether a repository exists for the caller."""
    try:
        access.see(actor, home)
    except Refused:
        return False
    return True


def unresolved(message: str) -> Refused:
    """What GitHub says of something that is not there."""
    return Refused(200, message, kind="NOT_FOUND")


def find(github: GitHub, node_id: str) -> Thing | None:
    """Find anything by its global id."""
    return next((thing for thing in everything(github) if node_id_of(thing) == node_id), None)


def everything(github: GitHub) -> Sequence[Thing]:
    """All that has a global id here."""
    organizations = github.organizations.values()
    return [
        *organizations,
        *github.users.values(),
        *github.apps.values(),
        *(team for each in organizations for team in each.teams.values()),
        *github.repositories(),
        *(rule for each in github.repositories() for rule in each.protections.values()),
    ]


def node_id_of(thing: Thing) -> str:
    """The global id of anything."""
    if isinstance(thing, BranchProtectionRule):
        return thing.id
    if isinstance(thing, Organization):
        return f"O_kgDO{thing.id:08d}"
    return thing.node_id


def repository(_: object, info: Info, *, owner: str, name: str) -> dict[str, Any]:
    """`repository(owner:, name:)`."""
    asker: Asker = info.context
    organization = asker.github.organizations.get(owner)
    named = organization.repositories.get(name) if organization else None
    if named is None or not sees(asker.actor, named):
        raise unresolved(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return show(asker.github, named)


def organization(_: object, info: Info, *, login: str) -> dict[str, Any]:
    """`organization(login:)`."""
    asker: Asker = info.context
    if login not in asker.github.organizations:
        raise unresolved(f"Could not resolve to an Organization with the login of '{login}'.")
    return show(asker.github, asker.github.organizations[login])


def user(_: object, info: Info, *, login: str) -> dict[str, Any]:
    """`user(login:)`."""
    asker: Asker = info.context
    if login not in asker.github.users:
        raise unresolved(f"Could not resolve to a User with the login of '{login}'.")
    return show(asker.github, asker.github.users[login])


def show(github: GitHub, thing: Thing) -> dict[str, Any]:
    """Anything as GraphQL shows it."""
    shown: dict[str, Any] = {"__typename": type(thing).__name__, "id": node_id_of(thing)}
    match thing:
        case User():
            return shown | {"login": thing.login, "name": None, "databaseId": thing.id}
        case App():
            return shown | {"slug": thing.slug, "name": thing.slug, "databaseId": thing.id}
        case Team():
            return shown | show_team(github, thing)
        case Organization():
            teams = thing.teams

            def team(_: Info, *, slug: str) -> dict[str, Any] | None:
                return show(github, teams[slug]) if slug in teams else None

            return shown | {"login": thing.login, "databaseId": thing.id, "team": team}
        case Repository():
            return shown | show_repository(github, thing)
        case BranchProtectionRule():
            return shown | show_rule(github, thing)


def show_team(github: GitHub, team: Team) -> dict[str, Any]:
    """A team and its members, on one page."""
    members = [show(github, github.users[login]) for login in sorted(team.members)]
    page = {"nodes": members, "pageInfo": ONE_PAGE}
    return {"slug": team.slug, "name": team.slug, "databaseId": team.id, "members": page}


def show_repository(github: GitHub, thing: Repository) -> dict[str, Any]:
    """A repository and its classic rules, on one page, looked at only when asked for."""

    def rules(_: Info, **__: object) -> dict[str, Any]:
        nodes = [show(github, rule) for rule in thing.protections.values()]
        return {"nodes": nodes, "pageInfo": ONE_PAGE}

    return {
        "name": thing.name,
        "nameWithOwner": thing.full_name,
        "databaseId": thing.id,
        "branchProtectionRules": rules,
    }


def show_rule(github: GitHub, rule: BranchProtectionRule) -> dict[str, Any]:
    """A classic rule, its fields in camel case and its actor lists as connections."""
    settings = {camel(name): getattr(rule, name) for name in BranchProtectionRule.__slots__}
    lists = {
        name: allowances(github, getattr(rule, field)) for name, field in LIST_OF_ALLOWANCES.items()
    }
    home = protection.home_of(github, rule.id)
    return settings | lists | {"repository": show(github, home)}


def allowances(github: GitHub, node_ids: Sequence[str]) -> dict[str, Any]:
    """A list of actors as a connection."""
    things = [find(github, node_id) for node_id in node_ids]
    nodes = [{"actor": show(github, thing)} for thing in things if thing is not None]
    return {"nodes": nodes, "totalCount": len(nodes)}


# --- mutations ----------------------------------------------------------------------------


def create(_: object, info: Info, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GitHub's name
    """`createBranchProtectionRule`."""
    asker: Asker = info.context
    home = find(asker.github, input["repositoryId"])
    if not isinstance(home, Repository) or not sees(asker.actor, home):
        raise unresolved(
            f"Could not resolve to a node with the global id of '{input['repositoryId']}'"
        )
    rule = protection.protect(asker.github, asker.actor, home, fields(asker.github, input))
    return payload(asker.github, rule, input)


def update(_: object, info: Info, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GitHub's name
    """`updateBranchProtectionRule`: what is null or not given stays."""
    asker: Asker = info.context
    rule = rule_of(asker, input)
    changed = protection.change_protection(
        asker.github, asker.actor, rule, fields(asker.github, input)
    )
    return payload(asker.github, changed, input)


def delete(_: object, info: Info, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GitHub's name
    """`deleteBranchProtectionRule`."""
    asker: Asker = info.context
    protection.unprotect(asker.github, asker.actor, rule_of(asker, input))
    return {"clientMutationId": input.get("clientMutationId")}


def rule_of(asker: Asker, input: Mapping[str, Any]) -> BranchProtectionRule:  # noqa: A002 - GitHub's name
    """The classic rule that a mutation names, when its repository exists for the caller."""
    thing = find(asker.github, input["branchProtectionRuleId"])
    home = repository_of(asker.github, thing)
    if not isinstance(thing, BranchProtectionRule) or home is None or not sees(asker.actor, home):
        raise unresolved(
            f"Could not resolve to a node with the global id of '{input['branchProtectionRuleId']}'"
        )
    return thing


def payload(github: GitHub, rule: BranchProtectionRule, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a mutation answers."""
    mutation_id = given.get("clientMutationId")
    return {"branchProtectionRule": show(github, rule), "clientMutationId": mutation_id}


def fields(github: GitHub, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a classic rule that an input gives; an unknown actor is an error."""
    settings = {
        snake(name): value
        for name, value in given.items()
        if value is not None and snake(name) in BranchProtectionRule.__slots__
    }
    for name in LIST_OF_ALLOWANCES.values():
        for node_id in settings.get(name, ()):
            if find(github, node_id) is None:
                raise unresolved(f"Could not resolve to a node with the global id of '{node_id}'")
    return settings


def snake(name: str) -> str:
    """`isAdminEnforced` to `is_admin_enforced`."""
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


def camel(name: str) -> str:
    """`is_admin_enforced` to `isAdminEnforced`."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
