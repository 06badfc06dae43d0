FOREACH jq('.', payload) as it
DO it.field_1, it.field_2
FROM "t/#"