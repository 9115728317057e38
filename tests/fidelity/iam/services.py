"""Examples of the guides of KMS, S3 and STS: key policies, bucket policies, trust policies."""

from collections.abc import Iterator
from dataclasses import replace

from breakglass.proof.model import KmsGrant
from tests.fidelity.iam.example import (
    ALLOWED,
    ANYBODY,
    DENIED,
    FULL,
    IAM,
    KMS,
    ONE,
    S3,
    SOMEBODY,
    TWO,
    Body,
    Example,
    Page,
    Principal,
    allow,
    deny,
    example,
    named,
    role,
    service,
    user,
    web_identity,
)

DEFAULT_KEY = Page("Default key policy", f"{KMS}key-policy-default.html")
KEY_ACCESS = Page("Troubleshooting AWS KMS permissions", f"{KMS}policy-evaluation.html")
KEY_ABROAD = Page(
    "Allowing users in other accounts to use a KMS key",
    f"{KMS}key-policy-modifying-external-accounts.html",
)
GRANTS = Page("Grants in AWS KMS", f"{KMS}grants.html")
BUCKETS = Page("Examples of Amazon S3 bucket policies", f"{S3}example-bucket-policies.html")
LOCK = Page("Managing Object Lock", f"{S3}object-lock-managing.html")
OIDC = Page(
    "Create a role for OpenID Connect federation", f"{IAM}id_roles_create_for-idp_oidc.html"
)
DEPUTY = Page("The confused deputy problem", f"{IAM}confused-deputy.html")

_KEY = f"arn:aws:kms:us-west-2:{ONE}:key/1234abcd"
_ROOT = {"AWS": f"arn:aws:iam::{ONE}:root"}
_ALICE = user("alice")


def _keys() -> Iterator[Example]:
    by_default = named(_ROOT, allow("kms:*"))
    administrator = role("KMSAdminRole")
    administers = named(
        {"AWS": administrator.arn},
        allow(["kms:Create*", "kms:Put*", "kms:Disable*", "kms:ScheduleKeyDeletion"]),
    )
    on_behalf = named(
        {"AWS": _ALICE.arn},
        allow("kms:CreateGrant", condition={"Bool": {"kms:GrantIsForAWSResource": True}}),
    )
    for_service = {"kms:GrantIsForAWSResource": "true"}
    own: list[Body] = [allow("kms:*")]
    rows = (
        ("the account hands on, a policy grants", ALLOWED, _ALICE, "Decrypt", by_default, own, {}),
        ("the account hands on, nobody grants", DENIED, _ALICE, "Decrypt", by_default, [], {}),
        ("no statement for the account", DENIED, _ALICE, "Decrypt", administers, own, {}),
        (
            "a policy that denies stays in force",
            DENIED,
            _ALICE,
            "Decrypt",
            named({"AWS": _ALICE.arn}, allow("kms:*")),
            [deny("kms:*")],
            {},
        ),
        ("the administrator", ALLOWED, administrator, "PutKeyPolicy", administers, [], {}),
        ("the administrator decrypts", DENIED, administrator, "Decrypt", administers, [], {}),
        ("a grant for a service", ALLOWED, _ALICE, "CreateGrant", on_behalf, [], for_service),
        ("a grant by hand", DENIED, _ALICE, "CreateGrant", on_behalf, [], {}),
    )
    for says, aws, who, action, key_policy, identity, context in rows:
        yield example(
            DEFAULT_KEY,
            says,
            aws,
            who,
            f"kms:{action}",
            _KEY,
            context=context,
            resource_policy=key_policy,
            identity=identity,
        )
    yield example(
        KEY_ACCESS,
        "Alice: key policy for the account, nobody grants her",
        DENIED,
        _ALICE,
        "kms:Decrypt",
        _KEY,
        resource_policy=by_default,
    )
    yield from _keys_abroad()


def _keys_abroad() -> Iterator[Example]:
    key = f"arn:aws:kms:us-west-2:{TWO}:key/1234abcd"
    engineering = role("Engineering", "bob")
    using = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
    key_policy = [
        *named({"AWS": f"arn:aws:iam::{TWO}:root"}, allow("kms:*")),
        *named(_ROOT, allow(using)),
    ]
    for says, aws, action, identity in (
        ("the role's policy grants", ALLOWED, "kms:Decrypt", [allow(using, key)]),
        ("the role has no policy", DENIED, "kms:Decrypt", []),
        ("more than the key policy gives", DENIED, "kms:PutKeyPolicy", [allow("kms:*", key)]),
    ):
        yield example(
            KEY_ACCESS,
            f"Bob through a role of another account: {says}",
            aws,
            engineering,
            action,
            key,
            of=TWO,
            resource_policy=key_policy,
            identity=identity,
        )
    yield example(
        KEY_ACCESS,
        "Bob may assume the role",
        ALLOWED,
        user("bob"),
        "sts:AssumeRole",
        engineering.arn,
        resource_policy=named({"AWS": user("bob").arn}, allow("sts:AssumeRole", None)),
    )
    everything = named(_ROOT, allow("kms:*"))
    for action, aws in (
        ("kms:Decrypt", ALLOWED),
        ("kms:GenerateDataKey", ALLOWED),
        ("kms:CreateGrant", ALLOWED),
        ("kms:DescribeKey", ALLOWED),
        ("kms:ScheduleKeyDeletion", DENIED),
        ("kms:DisableKey", DENIED),
        ("kms:PutKeyPolicy", DENIED),
        ("kms:TagResource", DENIED),
    ):
        yield example(
            KEY_ABROAD,
            f"{action}, which both accounts allow",
            aws,
            engineering,
            action,
            key,
            of=TWO,
            resource_policy=everything,
            identity=[FULL],
        )
    grant = KmsGrant(engineering.arn, frozenset({"Decrypt"}))
    for says, aws, who, action in (
        ("its grantee", ALLOWED, engineering, "kms:Decrypt"),
        ("another operation", DENIED, engineering, "kms:Encrypt"),
        ("somebody else", DENIED, role("other"), "kms:Decrypt"),
    ):
        yield example(
            GRANTS,
            f"a grant allows {says}",
            aws,
            who,
            action,
            _KEY,
            resource_policy=named({"AWS": TWO}, allow("kms:*")),
            grants=[grant],
        )
    context = {"kms:EncryptionContext:Dept": "Finance", "kms:EncryptionContextKeys": ["Dept"]}
    limited = replace(grant, encryption_context_equals={"Dept": "Finance"})
    for says, aws, given in (
        ("the context it demands", ALLOWED, context),
        ("another context", DENIED, {**context, "kms:EncryptionContext:Dept": "IT"}),
    ):
        yield example(
            GRANTS,
            f"a grant under constraints: {says}",
            aws,
            engineering,
            "kms:Decrypt",
            _KEY,
            context=given,
            resource_policy=named({"AWS": TWO}, allow("kms:*")),
            grants=[limited],
        )


# --- buckets -----------------------------------------------------------------------------------

_BUCKET, _OBJECT = "arn:aws:s3:::amzn-demo", "arn:aws:s3:::amzn-demo/key"
_BOTH = [_BUCKET, f"{_BUCKET}/*"]


def _buckets() -> Iterator[Example]:
    key_id = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    tags = "s3:RequestObjectTagKeys"
    put, get, tag = "s3:PutObject", "s3:GetObject", "s3:PutObjectTagging"
    allowed = named({"AWS": SOMEBODY.arn}, FULL)
    sealed = [*allowed, *named("*", deny(put, f"{_BUCKET}/*", {"Null": {key_id: "true"}}))]
    by_key = [
        *allowed,
        *named("*", deny(put, f"{_BUCKET}/*", {"ArnNotEqualsIfExists": {key_id: _KEY}})),
    ]
    tls = [*allowed, *named("*", deny("s3:*", _BOTH, {"Bool": {"aws:SecureTransport": "false"}}))]
    office = [
        *allowed,
        *named("*", deny("s3:*", _BOTH, {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
    ]
    mixed = named(
        "*",
        allow(
            "s3:*",
            _BOTH,
            {
                "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:DB8:1234:5678::/64"]},
                "NotIpAddress": {
                    "aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678:ABCD::/80"]
                },
            },
        ),
    )
    listed = named(
        {"AWS": SOMEBODY.arn},
        allow(tag, f"{_BUCKET}/*", {"ForAnyValue:StringEquals": {tags: ["Owner", "CreationDate"]}}),
    )
    factor = [
        *allowed,
        *named("*", deny("s3:*", f"{_BUCKET}/*", {"Null": {"aws:MultiFactorAuthAge": True}})),
    ]
    referred = named(
        "*", allow(get, f"{_BUCKET}/*", {"StringLike": {"aws:Referer": ["http://example.com/*"]}})
    )
    other = _KEY.replace("1234abcd", "ffff")
    anna, ip = SOMEBODY, "aws:SourceIp"
    rows: list[tuple[str, bool, Principal, str, list[Body], dict[str, object]]] = [
        ("a key is required: given", True, anna, put, sealed, {key_id: _KEY}),
        ("a key is required: none", False, anna, put, sealed, {}),
        ("this key: given", True, anna, put, by_key, {key_id: _KEY}),
        ("this key: another", False, anna, put, by_key, {key_id: other}),
        ("this key: none", False, anna, put, by_key, {}),
        ("TLS alone: with", True, anna, get, tls, {"aws:SecureTransport": "true"}),
        ("TLS alone: without", False, anna, get, tls, {"aws:SecureTransport": "false"}),
        ("one range: inside", True, anna, get, office, {ip: "192.0.2.9"}),
        ("one range: outside", False, anna, get, office, {ip: "198.51.100.9"}),
        ("both families: 192.0.2.1", True, ANYBODY, get, mixed, {ip: "192.0.2.1"}),
        ("both families: 5678::1", True, ANYBODY, get, mixed, {ip: "2001:DB8:1234:5678::1"}),
        ("both families: 203.0.113.1", False, ANYBODY, get, mixed, {ip: "203.0.113.1"}),
        ("both families: ABCD::1", False, ANYBODY, get, mixed, {ip: "2001:DB8:1234:5678:ABCD::1"}),
        ("tags: a listed one", True, anna, tag, listed, {tags: ["Owner"]}),
        ("tags: another", False, anna, tag, listed, {tags: ["Else"]}),
        ("a second factor: there", True, anna, get, factor, {"aws:MultiFactorAuthAge": "10"}),
        ("a second factor: none", False, anna, get, factor, {}),
        (
            "a referer: this site",
            True,
            ANYBODY,
            get,
            referred,
            {"aws:Referer": "http://example.com/"},
        ),
        ("a referer: none", False, ANYBODY, get, referred, {}),
    ]
    for says, allows, who, action, bucket, context in rows:
        yield example(
            BUCKETS,
            says,
            ALLOWED if allows else DENIED,
            who,
            action,
            _OBJECT,
            of=ONE,
            context=context,
            resource_policy=bucket,
        )
    yield from _deliveries()
    yield from _retention()


def _deliveries() -> Iterator[Example]:
    logging = service("logging.s3")
    names = "aws:PrincipalServiceNamesList"
    source = {"aws:SourceAccount": ONE, "aws:SourceArn": "arn:aws:s3:::source"}
    bucket = [
        *named(
            {"Service": logging.arn},
            allow(
                "s3:PutObject",
                f"{_BUCKET}/*",
                {
                    "StringEquals": {"aws:SourceAccount": ONE},
                    "ArnLike": {"aws:SourceArn": source["aws:SourceArn"]},
                },
            ),
        ),
        *named(
            "*",
            deny(
                "s3:PutObject",
                f"{_BUCKET}/*",
                {"ForAllValues:StringNotEquals": {names: logging.arn}},
            ),
        ),
    ]
    for says, aws, who, context in (
        ("the service for this bucket", ALLOWED, logging, {**source, names: [logging.arn]}),
        (
            "the service for another bucket",
            DENIED,
            logging,
            {**source, "aws:SourceArn": "arn:aws:s3:::else", names: [logging.arn]},
        ),
        ("an administrator", DENIED, SOMEBODY, {}),
    ):
        yield example(
            BUCKETS,
            f"access logs: {says}",
            aws,
            who,
            "s3:PutObject",
            _OBJECT,
            of=ONE,
            context=context,
            identity=[FULL],
            resource_policy=bucket,
        )
    ours = named(
        {"AWS": "*"},
        allow("s3:GetObject", f"{_BUCKET}/*", {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}}),
    )
    for says, aws, account, context in (
        ("an account of it", ALLOWED, TWO, {"aws:PrincipalOrgID": "o-1"}),
        ("an account of another", DENIED, TWO, {"aws:PrincipalOrgID": "o-2"}),
        ("an account without", DENIED, TWO, {}),
    ):
        yield example(
            BUCKETS,
            f"the organisation: {says}",
            aws,
            user("x", account),
            "s3:GetObject",
            _OBJECT,
            of=ONE,
            context=context,
            identity=[FULL],
            resource_policy=ours,
        )
    control = named(
        {"AWS": TWO},
        allow(
            "s3:PutObject",
            f"{_BUCKET}/*",
            {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        ),
    )
    for says, aws, context in (
        ("to the owner", ALLOWED, {"s3:x-amz-acl": "bucket-owner-full-control"}),
        ("to nobody", DENIED, {}),
    ):
        yield example(
            BUCKETS,
            f"another account uploads, full control {says}",
            aws,
            user("x", TWO),
            "s3:PutObject",
            _OBJECT,
            of=ONE,
            context=context,
            identity=[FULL],
            resource_policy=control,
        )


def _retention() -> Iterator[Example]:
    days = "s3:object-lock-remaining-retention-days"
    limit = named(
        "*", deny("s3:PutObjectRetention", f"{_BUCKET}/*", {"NumericGreaterThan": {days: "10"}})
    )
    for says, aws, wanted in (("ten days", ALLOWED, "10"), ("eleven days", DENIED, "11")):
        yield example(
            LOCK,
            f"a limit of ten days: {says}",
            aws,
            SOMEBODY,
            "s3:PutObjectRetention",
            _OBJECT,
            context={days: wanted},
            identity=[FULL],
            resource_policy=limit,
        )


# --- trust policies ----------------------------------------------------------------------------


def _trust() -> Iterator[Example]:
    issuer = "token.actions.githubusercontent.com"
    provider = f"arn:aws:iam::{ONE}:oidc-provider/{issuer}"
    assume = "sts:AssumeRoleWithWebIdentity"
    trust = named(
        {"Federated": provider},
        allow(
            assume,
            None,
            {
                "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{issuer}:sub": "repo:octo-org/octo-repo:ref:refs/heads/main"},
            },
        ),
    )
    right = {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
    }
    target = f"arn:aws:iam::{ONE}:role/target"
    for says, aws, context in (
        ("this branch", ALLOWED, right),
        ("another branch", DENIED, {**right, f"{issuer}:sub": "repo:octo-org/octo-repo:ref:x"}),
        ("another repository", DENIED, {**right, f"{issuer}:sub": "repo:evil/octo-repo:ref:x"}),
        ("another audience", DENIED, {**right, f"{issuer}:aud": "else"}),
        ("no claims", DENIED, {}),
    ):
        yield example(
            OIDC,
            f"a workflow of {says}",
            aws,
            web_identity(provider),
            assume,
            target,
            of=ONE,
            context=context,
            resource_policy=trust,
        )
    external = named(
        {"AWS": TWO},
        allow("sts:AssumeRole", None, {"StringEquals": {"sts:ExternalId": "12345"}}),
    )
    corp = role("corp", account=TWO)
    for says, aws, context in (
        ("the right external id", ALLOWED, {"sts:ExternalId": "12345"}),
        ("another customer's", DENIED, {"sts:ExternalId": "67890"}),
        ("none", DENIED, {}),
    ):
        yield example(
            DEPUTY,
            f"a third party with {says}",
            aws,
            corp,
            "sts:AssumeRole",
            target,
            of=ONE,
            context=context,
            identity=[FULL],
            resource_policy=external,
        )
    deputy = named(
        {"Service": "cloudtrail.amazonaws.com"},
        allow(
            "s3:PutObject",
            f"{_BUCKET}/*",
            {
                "StringEquals": {"aws:SourceAccount": ONE},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ONE}:trail/*"},
            },
        ),
    )
    trail = f"arn:aws:cloudtrail:us-east-1:{ONE}:trail/t"
    for says, aws, context in (
        ("our trail", ALLOWED, {"aws:SourceArn": trail, "aws:SourceAccount": ONE}),
        (
            "another account's trail",
            DENIED,
            {"aws:SourceArn": trail.replace(ONE, TWO), "aws:SourceAccount": TWO},
        ),
        ("nobody's trail", DENIED, {}),
    ):
        yield example(
            DEPUTY,
            f"a service for {says}",
            aws,
            service("cloudtrail"),
            "s3:PutObject",
            _OBJECT,
            of=ONE,
            context=context,
            resource_policy=deputy,
        )


EXAMPLES = (*_keys(), *_buckets(), *_trust())
