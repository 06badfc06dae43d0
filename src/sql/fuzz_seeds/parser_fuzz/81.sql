create stream demo (
    color STRING,
    size BIGINT,
    ts BIGINT
) with (datasource="demo", format="json", key="ts", timestamp="ts")