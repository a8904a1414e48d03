"""The handbook as data: schema, versions, clauses."""
