# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""S3: buckets and everything that is set on a bucket."""

from typing import Any, ClassVar

from botocore.exceptions import ClientError

from breakglass.rehearsal.resources.handlers.base import (
    Answer,
    Cloud,
    Handler,
    Inputs,
    given,
    tag_list,
    tag_map,
    unless_missing,
)

_NO_BUCKET = ("404", "NoSuchBucket")


class Bucket(Handler):
    """aws.s3.Bucket; whatever has a resource of its own is not set here."""

    token = "aws:s3/bucket:Bucket"
    name_property = "bucket"
    replace_on = frozenset({"bucket", "bucketPrefix", "objectLockEnabled", "region"})
    no_value = frozenset(
        {
            "accelerationStatus",
            "acl",
            "bucketNamespace",
            "bucketPrefix",
            "corsRules",
            "grants",
            "lifecycleRules",
            "logging",
            "objectLockConfiguration",
            "policy",
            "replicationConfiguration",
            "requestPayer",
            "serverSideEncryptionConfiguration",
            "versioning",
            "website",
            "websiteDomain",
            "websiteEndpoint",
            "hostedZoneId",
        }
    )
    provider_only: ClassVar = {"forceDestroy": False}

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the bucket in the cloud's region, with Object Lock if wanted, and tag it."""
        place = {"LocationConstraint": cloud.region}
        cloud.client("s3").create_bucket(
            Bucket=inputs["bucket"],
            ObjectLockEnabledForBucket=inputs.get("objectLockEnabled", False),
            **({} if cloud.region == "us-east-1" else {"CreateBucketConfiguration": place}),
        )
        self.update(cloud, inputs["bucket"], inputs, {})
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the bucket's own properties."""
        s3 = cloud.client("s3")
        if unless_missing(lambda: s3.head_bucket(Bucket=id), *_NO_BUCKET) is None:
            return None
        lock = unless_missing(
            lambda: s3.get_object_lock_configuration(Bucket=id),
            "ObjectLockConfigurationNotFoundError",
        )
        tags = unless_missing(lambda: s3.get_bucket_tagging(Bucket=id), "NoSuchTagSet")
        return {
            "arn": f"arn:aws:s3:::{id}",
            "bucket": id,
            "bucketDomainName": f"{id}.s3.amazonaws.com",
            "bucketRegion": cloud.region,
            "bucketRegionalDomainName": f"{id}.s3.{cloud.region}.amazonaws.com",
            "objectLockEnabled": lock is not None,
            "tagsAll": {} if tags is None else tag_map(tags["TagSet"]),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the tags."""
        tags = cloud.tags(inputs)
        if tags:
            cloud.client("s3").put_bucket_tagging(Bucket=id, Tagging={"TagSet": tag_list(tags)})
        elif before:
            cloud.client("s3").delete_bucket_tagging(Bucket=id)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the bucket; with ``forceDestroy`` every version in it first."""
        s3 = cloud.client("s3")
        if inputs.get("forceDestroy"):
            self._empty(s3, id)
        s3.delete_bucket(Bucket=id)

    def _empty(self, s3: Answer, bucket: str) -> None:
        """Delete all versions, past GOVERNANCE retention as the provider does it."""
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                s3.delete_object(
                    Bucket=bucket,
                    Key=version["Key"],
                    VersionId=version["VersionId"],
                    BypassGovernanceRetention=True,
                )


class BucketVersioning(Handler):
    """aws.s3.BucketVersioning; with Object Lock deleting it leaves versioning as it is."""

    token = "aws:s3/bucketVersioning:BucketVersioning"
    replace_on = frozenset({"bucket", "expectedBucketOwner", "region"})
    no_value = frozenset({"expectedBucketOwner", "mfa"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the versioning state."""
        wanted = inputs["versioningConfiguration"]
        cloud.client("s3").put_bucket_versioning(
            Bucket=inputs["bucket"],
            VersioningConfiguration=given(
                Status=wanted["status"], MFADelete=wanted.get("mfaDelete")
            ),
        )
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the versioning state."""
        s3 = cloud.client("s3")
        found = unless_missing(lambda: s3.get_bucket_versioning(Bucket=id), *_NO_BUCKET)
        if found is None or "Status" not in found:
            return None
        configuration = {"status": found["Status"], "mfaDelete": found.get("MFADelete")}
        return {"bucket": id, "versioningConfiguration": configuration}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new state."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Suspend versioning where AWS lets it be suspended."""
        suspended = {"Status": "Suspended"}
        try:
            cloud.client("s3").put_bucket_versioning(Bucket=id, VersioningConfiguration=suspended)
        except ClientError as error:
            # the real provider leaves it at that, too: the lock keeps versioning on
            if error.response["Error"]["Code"] != "InvalidBucketState":
                raise


class BucketObjectLockConfiguration(Handler):
    """aws.s3.BucketObjectLockConfiguration; deleting it takes the default retention off."""

    token = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    replace_on = frozenset({"bucket", "expectedBucketOwner", "region", "objectLockEnabled"})
    no_value = frozenset({"expectedBucketOwner", "token"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the default retention."""
        default = inputs.get("rule", {}).get("defaultRetention")
        rule = {} if default is None else {"Rule": {"DefaultRetention": _retention(default)}}
        cloud.client("s3").put_object_lock_configuration(
            Bucket=inputs["bucket"],
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule},
        )
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the default retention."""
        s3 = cloud.client("s3")
        found = unless_missing(
            lambda: s3.get_object_lock_configuration(Bucket=id),
            "ObjectLockConfigurationNotFoundError",
            *_NO_BUCKET,
        )
        if found is None:
            return None
        configuration = found["ObjectLockConfiguration"]
        default = configuration.get("Rule", {}).get("DefaultRetention")
        shown = None
        if default is not None and default.get("Mode"):
            # moto adds "Years: 0" to a retention in days
            period = {unit: default[unit] for unit in ("Days", "Years") if default.get(unit)}
            shown = {"mode": default["Mode"], **{unit.lower(): n for unit, n in period.items()}}
        return {
            "bucket": id,
            "objectLockEnabled": configuration["ObjectLockEnabled"],
            "rule": None if shown is None else {"defaultRetention": shown},
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new default retention."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Take the default retention off; the lock itself stays for ever."""
        cloud.client("s3").put_object_lock_configuration(
            Bucket=id, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )


def _retention(default: Inputs) -> Inputs:
    return given(Mode=default["mode"], Days=default.get("days"), Years=default.get("years"))


class BucketPolicy(Handler):
    """aws.s3.BucketPolicy."""

    token = "aws:s3/bucketPolicy:BucketPolicy"
    replace_on = frozenset({"bucket", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the policy."""
        cloud.client("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy."""
        s3 = cloud.client("s3")
        found = unless_missing(
            lambda: s3.get_bucket_policy(Bucket=id), "NoSuchBucketPolicy", *_NO_BUCKET
        )
        return None if found is None else {"bucket": id, "policy": found["Policy"]}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new policy."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the policy."""
        cloud.client("s3").delete_bucket_policy(Bucket=id)


_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketPublicAccessBlock(Handler):
    """aws.s3.BucketPublicAccessBlock."""

    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    replace_on = frozenset({"bucket", "region"})
    no_value = frozenset({"skipDestroy"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the four switches; one that is not given is off."""
        switches = {name[:1].upper() + name[1:]: inputs.get(name, False) for name in _BLOCKS}
        cloud.client("s3").put_public_access_block(
            Bucket=inputs["bucket"], PublicAccessBlockConfiguration=switches
        )
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the four switches."""
        s3 = cloud.client("s3")
        found = unless_missing(
            lambda: s3.get_public_access_block(Bucket=id),
            "NoSuchPublicAccessBlockConfiguration",
            *_NO_BUCKET,
        )
        if found is None:
            return None
        switches = found["PublicAccessBlockConfiguration"]
        return {
            "bucket": id,
            **{name: switches[name[:1].upper() + name[1:]] for name in _BLOCKS},
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new switches."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the block."""
        cloud.client("s3").delete_public_access_block(Bucket=id)


class BucketOwnershipControls(Handler):
    """aws.s3.BucketOwnershipControls."""

    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    replace_on = frozenset({"bucket", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put who owns what others write."""
        rule = {"ObjectOwnership": inputs["rule"]["objectOwnership"]}
        cloud.client("s3").put_bucket_ownership_controls(
            Bucket=inputs["bucket"], OwnershipControls={"Rules": [rule]}
        )
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the rule."""
        s3 = cloud.client("s3")
        found = unless_missing(
            lambda: s3.get_bucket_ownership_controls(Bucket=id),
            "OwnershipControlsNotFoundError",
            *_NO_BUCKET,
        )
        if found is None:
            return None
        ownership = found["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
        return {"bucket": id, "rule": {"objectOwnership": ownership}}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new rule."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the controls."""
        cloud.client("s3").delete_bucket_ownership_controls(Bucket=id)


class BucketServerSideEncryptionConfiguration(Handler):
    """aws.s3.BucketServerSideEncryptionConfiguration."""

    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    replace_on = frozenset({"bucket", "expectedBucketOwner", "region"})
    no_value = frozenset({"expectedBucketOwner"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the default encryption."""
        rules = [_encryption(rule) for rule in inputs["rules"]]
        cloud.client("s3").put_bucket_encryption(
            Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
        )
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the default encryption."""
        s3 = cloud.client("s3")
        found = unless_missing(
            lambda: s3.get_bucket_encryption(Bucket=id),
            "ServerSideEncryptionConfigurationNotFoundError",
            *_NO_BUCKET,
        )
        if found is None:
            return None
        rules = found["ServerSideEncryptionConfiguration"]["Rules"]
        return {"bucket": id, "rules": [_shown_encryption(rule) for rule in rules]}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new default encryption."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Go back to S3's own default."""
        cloud.client("s3").delete_bucket_encryption(Bucket=id)


def _encryption(rule: Inputs) -> Inputs:
    default = rule["applyServerSideEncryptionByDefault"]
    return given(
        ApplyServerSideEncryptionByDefault=given(
            SSEAlgorithm=default["sseAlgorithm"],
            KMSMasterKeyID=default.get("kmsMasterKeyId"),
        ),
        BucketKeyEnabled=rule.get("bucketKeyEnabled"),
    )


def _shown_encryption(rule: Inputs) -> Inputs:
    default = rule["ApplyServerSideEncryptionByDefault"]
    return {
        "applyServerSideEncryptionByDefault": {
            "sseAlgorithm": default["SSEAlgorithm"],
            "kmsMasterKeyId": default.get("KMSMasterKeyID"),
        },
        "bucketKeyEnabled": rule.get("BucketKeyEnabled", False),
    }


_DESTINATIONS = {
    "queues": ("QueueConfigurations", "QueueArn", "queueArn"),
    "topics": ("TopicConfigurations", "TopicArn", "topicArn"),
    "lambdaFunctions": (
        "LambdaFunctionConfigurations",
        "LambdaFunctionArn",
        "lambdaFunctionArn",
    ),
}


class BucketNotification(Handler):
    """aws.s3.BucketNotification; one a bucket, put as a whole."""

    token = "aws:s3/bucketNotification:BucketNotification"
    replace_on = frozenset({"bucket", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put all destinations."""
        wanted: dict[str, Any] = {}
        for name, (kind, api_arn, arn) in _DESTINATIONS.items():
            if inputs.get(name):
                wanted[kind] = [_destination(entry, api_arn, arn) for entry in inputs[name]]
        if inputs.get("eventbridge"):
            wanted["EventBridgeConfiguration"] = {}
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket=inputs["bucket"], NotificationConfiguration=wanted
        )
        return str(inputs["bucket"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return all destinations."""
        s3 = cloud.client("s3")
        found = unless_missing(
            lambda: s3.get_bucket_notification_configuration(Bucket=id), *_NO_BUCKET
        )
        if found is None:
            return None
        return {
            "bucket": id,
            "eventbridge": "EventBridgeConfiguration" in found,
            **{
                name: [_shown_destination(entry, api_arn, arn) for entry in found.get(kind, ())]
                for name, (kind, api_arn, arn) in _DESTINATIONS.items()
            },
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put all destinations anew."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Put none."""
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket=id, NotificationConfiguration={}
        )


def _destination(entry: Inputs, api_arn: str, arn: str) -> Inputs:
    filters = [
        {"Name": name, "Value": entry[key]}
        for name, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if entry.get(key)
    ]
    return given(
        Id=entry.get("id"),
        Events=entry["events"],
        Filter={"Key": {"FilterRules": filters}} if filters else None,
        **{api_arn: entry[arn]},
    )


def _shown_destination(entry: Inputs, api_arn: str, arn: str) -> Inputs:
    rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    filters = {f"filter{rule['Name'].capitalize()}": rule["Value"] for rule in rules}
    return {"id": entry["Id"], "events": entry["Events"], arn: entry[api_arn], **filters}


HANDLERS = (
    Bucket(),
    BucketVersioning(),
    BucketObjectLockConfiguration(),
    BucketPolicy(),
    BucketPublicAccessBlock(),
    BucketOwnershipControls(),
    BucketServerSideEncryptionConfiguration(),
    BucketNotification(),
)
