# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""Glue: the catalogue that Athena reads."""

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    camel,
    given,
    pascal,
    removed,
    unless_missing,
)

_GONE = "EntityNotFoundException"
_OWN_KEYS = frozenset({"parameters"})
_TABLE = (
    "description",
    "owner",
    "parameters",
    "retention",
    "tableType",
    "viewExpandedText",
    "viewOriginalText",
)


class CatalogDatabase(Handler):
    """aws.glue.CatalogDatabase; the id is ``catalog:name``."""

    token = "aws:glue/catalogDatabase:CatalogDatabase"
    name_property = "name"
    replace_on = frozenset({"name", "catalogId", "region"})
    no_value = frozenset({"createTableDefaultPermissions", "federatedDatabase", "targetDatabase"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the database."""
        cloud.client("glue").create_database(
            DatabaseInput=_database(inputs), Tags=cloud.tags(inputs)
        )
        return f"{cloud.account}:{inputs['name']}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the database."""
        catalog, name = id.split(":", 1)
        glue = cloud.client("glue")
        found = unless_missing(lambda: glue.get_database(Name=name), _GONE)
        if found is None:
            return None
        database = found["Database"]
        arn = f"arn:aws:glue:{cloud.region}:{catalog}:database/{name}"
        return {
            "arn": arn,
            "catalogId": catalog,
            "name": database["Name"],
            "description": database.get("Description"),
            "locationUri": database.get("LocationUri"),
            "parameters": database.get("Parameters", {}),
            "tagsAll": glue.get_tags(ResourceArn=arn)["Tags"],
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change the database and its tags."""
        catalog, name = id.split(":", 1)
        glue = cloud.client("glue")
        glue.update_database(Name=name, DatabaseInput=_database(inputs))
        arn = f"arn:aws:glue:{cloud.region}:{catalog}:database/{name}"
        tags = cloud.tags(inputs)
        glue.untag_resource(ResourceArn=arn, TagsToRemove=removed(cloud.tags(before), tags))
        glue.tag_resource(ResourceArn=arn, TagsToAdd=tags)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the database."""
        cloud.client("glue").delete_database(Name=id.split(":", 1)[1])


def _database(inputs: Inputs) -> Inputs:
    return given(
        Name=inputs["name"],
        Description=inputs.get("description"),
        LocationUri=inputs.get("locationUri"),
        Parameters=inputs.get("parameters"),
    )


class CatalogTable(Handler):
    """aws.glue.CatalogTable; the id is ``catalog:database:table``."""

    token = "aws:glue/catalogTable:CatalogTable"
    name_property = "name"
    replace_on = frozenset({"name", "databaseName", "catalogId", "region"})
    no_value = frozenset(
        {"openTableFormatInput", "partitionIndices", "targetTable", "viewDefinition"}
    )

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the table."""
        cloud.client("glue").create_table(
            DatabaseName=inputs["databaseName"], TableInput=_table(inputs)
        )
        return f"{cloud.account}:{inputs['databaseName']}:{inputs['name']}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the table."""
        catalog, database, name = id.split(":", 2)
        glue = cloud.client("glue")
        found = unless_missing(lambda: glue.get_table(DatabaseName=database, Name=name), _GONE)
        if found is None:
            return None
        table = found["Table"]
        storage = camel(table.get("StorageDescriptor"), verbatim=_OWN_KEYS)
        if storage and "serdeInfo" in storage:
            storage["serDeInfo"] = storage.pop("serdeInfo")
        return {
            **{name: table.get(name[:1].upper() + name[1:]) for name in _TABLE},
            "arn": f"arn:aws:glue:{cloud.region}:{catalog}:table/{database}/{name}",
            "catalogId": catalog,
            "databaseName": database,
            "name": table["Name"],
            "partitionKeys": camel(table.get("PartitionKeys", []), verbatim=_OWN_KEYS),
            "storageDescriptor": storage,
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the table whole."""
        cloud.client("glue").update_table(
            DatabaseName=inputs["databaseName"], TableInput=_table(inputs)
        )

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the table."""
        _, database, name = id.split(":", 2)
        cloud.client("glue").delete_table(DatabaseName=database, Name=name)


def _table(inputs: Inputs) -> Inputs:
    storage = pascal(inputs.get("storageDescriptor"), verbatim=_OWN_KEYS)
    if storage and "SerDeInfo" in storage:
        storage["SerdeInfo"] = storage.pop("SerDeInfo")
    return given(
        Name=inputs["name"],
        PartitionKeys=pascal(inputs.get("partitionKeys"), verbatim=_OWN_KEYS),
        StorageDescriptor=storage,
        **{name[:1].upper() + name[1:]: inputs.get(name) for name in _TABLE},
    )


HANDLERS = (CatalogDatabase(), CatalogTable())
