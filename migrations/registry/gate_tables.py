from enum import Enum

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID, Array, Integer, Text, Timestamptz, Varchar
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-23T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "gate tables"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    manager.add_table(
        class_name="GateOpening",
        tablename="gate_opening",
        schema="reports",
        columns=None,
    )

    manager.add_table(
        class_name="GateOverride",
        tablename="gate_override",
        schema="reports",
        columns=None,
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="id",
        db_column_name="id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="authority",
        db_column_name="authority",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": True,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="silent_at",
        db_column_name="silent_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="opened_by",
        db_column_name="opened_by",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="opened_name",
        db_column_name="opened_name",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 200,
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="reason",
        db_column_name="reason",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="opened_at",
        db_column_name="opened_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="gate_version",
        db_column_name="gate_version",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOpening",
        tablename="gate_opening",
        column_name="directory_version",
        db_column_name="directory_version",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="id",
        db_column_name="id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="authority",
        db_column_name="authority",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": True,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="asked_by",
        db_column_name="asked_by",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="asked_name",
        db_column_name="asked_name",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 200,
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="reason",
        db_column_name="reason",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="asked_at",
        db_column_name="asked_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="ends_at",
        db_column_name="ends_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="agreed_by",
        db_column_name="agreed_by",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="agreed_name",
        db_column_name="agreed_name",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 200,
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="agreed_reason",
        db_column_name="agreed_reason",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="agreed_at",
        db_column_name="agreed_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="ended_by",
        db_column_name="ended_by",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateOverride",
        tablename="gate_override",
        column_name="ended_at",
        db_column_name="ended_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateDecision",
        tablename="gate_decision",
        column_name="override",
        db_column_name="override",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.add_column(
        table_class_name="GateDecision",
        tablename="gate_decision",
        column_name="reasons",
        db_column_name="reasons",
        column_class_name="Array",
        column_class=Array,
        params={
            "default": list,
            "base_column": Varchar(
                length=20,
                default="",
                null=False,
                primary_key=False,
                unique=False,
                index=False,
                index_method=IndexMethod.btree,
                choices=None,
                db_column_name=None,
                secret=False,
            ),
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="reports",
    )

    manager.alter_column(
        table_class_name="Invitation",
        tablename="invitation",
        column_name="role",
        db_column_name="role",
        params={
            "choices": Enum(
                "Role",
                {
                    "SYSTEM": "system",
                    "STRANGER": "stranger",
                    "ADMINISTRATOR": "administrator",
                    "ASSOCIATION_ADMIN": "association_admin",
                    "REPRESENTATIVE": "representative",
                    "INSPECTOR": "inspector",
                    "TRAINER": "trainer",
                    "OFFICER": "officer",
                    "AUDITOR": "auditor",
                    "REVIEWER": "reviewer",
                    "DECIDER": "decider",
                    "PANEL": "panel",
                    "IMPARTIALITY": "impartiality",
                    "AUTHORITY_OFFICER": "authority_officer",
                    "AUTHORITY_AGENT": "authority_agent",
                    "TRAINED_REPORTER": "trained_reporter",
                    "HOTLINE_OPERATOR": "hotline_operator",
                },
            )
        },
        old_params={
            "choices": Enum(
                "Role",
                {
                    "SYSTEM": "system",
                    "STRANGER": "stranger",
                    "ADMINISTRATOR": "administrator",
                    "ASSOCIATION_ADMIN": "association_admin",
                    "REPRESENTATIVE": "representative",
                    "INSPECTOR": "inspector",
                    "TRAINER": "trainer",
                    "OFFICER": "officer",
                    "AUDITOR": "auditor",
                    "REVIEWER": "reviewer",
                    "DECIDER": "decider",
                    "PANEL": "panel",
                    "IMPARTIALITY": "impartiality",
                    "AUTHORITY_OFFICER": "authority_officer",
                    "AUTHORITY_AGENT": "authority_agent",
                    "TRAINED_REPORTER": "trained_reporter",
                },
            )
        },
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    manager.alter_column(
        table_class_name="RoleHeld",
        tablename="role_held",
        column_name="role",
        db_column_name="role",
        params={
            "choices": Enum(
                "Role",
                {
                    "SYSTEM": "system",
                    "STRANGER": "stranger",
                    "ADMINISTRATOR": "administrator",
                    "ASSOCIATION_ADMIN": "association_admin",
                    "REPRESENTATIVE": "representative",
                    "INSPECTOR": "inspector",
                    "TRAINER": "trainer",
                    "OFFICER": "officer",
                    "AUDITOR": "auditor",
                    "REVIEWER": "reviewer",
                    "DECIDER": "decider",
                    "PANEL": "panel",
                    "IMPARTIALITY": "impartiality",
                    "AUTHORITY_OFFICER": "authority_officer",
                    "AUTHORITY_AGENT": "authority_agent",
                    "TRAINED_REPORTER": "trained_reporter",
                    "HOTLINE_OPERATOR": "hotline_operator",
                },
            )
        },
        old_params={
            "choices": Enum(
                "Role",
                {
                    "SYSTEM": "system",
                    "STRANGER": "stranger",
                    "ADMINISTRATOR": "administrator",
                    "ASSOCIATION_ADMIN": "association_admin",
                    "REPRESENTATIVE": "representative",
                    "INSPECTOR": "inspector",
                    "TRAINER": "trainer",
                    "OFFICER": "officer",
                    "AUDITOR": "auditor",
                    "REVIEWER": "reviewer",
                    "DECIDER": "decider",
                    "PANEL": "panel",
                    "IMPARTIALITY": "impartiality",
                    "AUTHORITY_OFFICER": "authority_officer",
                    "AUTHORITY_AGENT": "authority_agent",
                    "TRAINED_REPORTER": "trained_reporter",
                },
            )
        },
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
