"""The Athena table over a trail, partitioned without a crawler.

Columns and formats are AWS's own (Athena user guide, "Create a table for CloudTrail logs in Athena
using partition projection").
"""

from collections.abc import Sequence

import pulumi
from pulumi_aws import athena, glue, s3

from breakglass import names
from breakglass._component import child_of, rendered
from breakglass._locked_bucket import close_bucket
from breakglass.documents import vault
from breakglass.quotas import QUOTAS, Quota

_ATTRIBUTES = "attributes:struct<mfaauthenticated:string,creationdate:string>"
_ISSUER = (
    "sessionissuer:"
    "struct<type:string,principalid:string,arn:string,accountid:string,username:string>"
)
_IDENTITY = (
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,"
    f"sessioncontext:struct<{_ATTRIBUTES},{_ISSUER},sourceidentity:string>>"
)
_STRINGS_BEFORE = (
    "eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage "
    "requestparameters responseelements additionaleventdata requestid eventid readonly"
)
_STRINGS_AFTER = (
    "eventtype apiversion recipientaccountid serviceeventdetails sharedeventid vpcendpointid "
    "vpcendpointaccountid eventcategory addendum sessioncredentialfromconsole edgedevicedetails"
)
_COLUMNS = (
    ("eventversion", "string"),
    ("useridentity", _IDENTITY),
    *((name, "string") for name in _STRINGS_BEFORE.split()),
    ("resources", "array<struct<arn:string,accountid:string,type:string>>"),
    *((name, "string") for name in _STRINGS_AFTER.split()),
    ("tlsdetails", "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>"),
)


def trail_table(  # noqa: PLR0913 - what the table is called, where it reads, what it is split by
    parent: pulumi.Resource,
    name: str,
    location: str,
    *,
    accounts: Sequence[str],
    regions: Sequence[str],
    region: str,
) -> glue.CatalogTable:
    """A table over ``s3://…/AWSLogs[/<organisation>]``, split by account, region and day."""
    database = glue.CatalogDatabase(
        f"{name}-database",
        name=names.named("records").replace("-", "_"),
        region=region,
        opts=child_of(parent),
    )
    return glue.CatalogTable(
        f"{name}-table",
        name="trail",
        database_name=database.name,
        table_type="EXTERNAL_TABLE",
        parameters={
            "projection.enabled": "true",
            "projection.account.type": "enum",
            "projection.account.values": ",".join(accounts),
            "projection.region.type": "enum",
            "projection.region.values": ",".join(regions),
            "projection.day.type": "date",
            "projection.day.format": "yyyy/MM/dd",
            "projection.day.range": "2026/01/01,NOW",
            "storage.location.template": f"{location}/${{account}}/CloudTrail/${{region}}/${{day}}",
        },
        partition_keys=[
            glue.CatalogTablePartitionKeyArgs(name=key, type="string")
            for key in ("account", "region", "day")
        ],
        storage_descriptor=glue.CatalogTableStorageDescriptorArgs(
            location=f"{location}/",
            columns=[
                glue.CatalogTableStorageDescriptorColumnArgs(name=column, type=kind)
                for column, kind in _COLUMNS
            ],
            input_format="com.amazon.emr.cloudtrail.CloudTrailInputFormat",
            output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            ser_de_info=glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                serialization_library="org.apache.hive.hcatalog.data.JsonSerDe"
            ),
        ),
        region=region,
        opts=child_of(parent),
    )


def workgroup(parent: pulumi.Resource, name: str, results_name: str, *, region: str) -> None:
    """A workgroup whose results go to a bucket of their own: they are no records."""
    results = s3.Bucket(
        f"{name}-results", bucket=results_name, region=region, opts=child_of(parent)
    )
    closed = close_bucket(parent, f"{name}-results", results, region=region)
    s3.BucketPolicy(
        f"{name}-results-policy",
        bucket=results.id,
        policy=rendered(
            vault.results_bucket(f"arn:aws:s3:::{results_name}"),
            Quota.BUCKET_POLICY,
            f"policy of {results_name}",
            QUOTAS,  # a single statement
        ),
        region=region,
        opts=child_of(parent, after=closed),
    )
    athena.Workgroup(
        f"{name}-workgroup",
        name=names.named("records"),
        configuration=athena.WorkgroupConfigurationArgs(
            enforce_workgroup_configuration=True,
            result_configuration=athena.WorkgroupConfigurationResultConfigurationArgs(
                output_location=pulumi.Output.concat("s3://", results.bucket, "/")
            ),
        ),
        region=region,
        opts=child_of(parent),
    )
