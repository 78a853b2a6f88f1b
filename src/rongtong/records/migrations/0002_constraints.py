"""The tables of Iceberg's SQL catalogue (as pyiceberg lays them out), and tenant isolation; an erasure is proof for good."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """CREATE TABLE iceberg_tables (
                 catalog_name varchar(255) NOT NULL, table_namespace varchar(255) NOT NULL, table_name varchar(255) NOT NULL,
                 metadata_location varchar(1000), previous_metadata_location varchar(1000), iceberg_type varchar(5),
                 PRIMARY KEY (catalog_name, table_namespace, table_name));
               CREATE TABLE iceberg_namespace_properties (
                 catalog_name varchar(255) NOT NULL, namespace varchar(255) NOT NULL, property_key varchar(255) NOT NULL,
                 property_value varchar(1000) NOT NULL, PRIMARY KEY (catalog_name, namespace, property_key))""",
            "DROP TABLE iceberg_tables, iceberg_namespace_properties",
        ),
        isolate("records_batch", "organisation_id"),
        isolate("records_quarantine", "enterprise_id"),
        isolate("records_holding", "enterprise_id"),
        isolate("records_table_state"),
        isolate("records_erasure", "enterprise_id"),
        append_only("records_erasure"),
    ]
