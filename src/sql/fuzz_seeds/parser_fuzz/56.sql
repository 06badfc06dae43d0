FOREACH jq('[.field_1, .field_2]', payload)
DO item as value
FROM "t/#"