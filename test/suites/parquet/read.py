"""Reads a Parquet file with Apache Arrow and prints what is in it as JSON; sums are Arrow's own."""
import json
import sys

import pyarrow.compute as pc
import pyarrow.parquet as pq

file = pq.ParquetFile(sys.argv[1])
table = file.read()
amounts = pc.sum(table["amount"]).as_py()
print(
    json.dumps(
        {
            "types": {field.name: str(field.type) for field in table.schema},
            "groups": file.num_row_groups,
            "rows": table.num_rows,
            "sum": None if amounts is None else format(amounts, "f"),
            "tokens": pc.sum(table["input_tokens"]).as_py(),
            "nulls": table["amount"].null_count,
            "first_rows": [{key: str(value) for key, value in row.items() if value is not None} for row in table.slice(0, 10).to_pylist()],
        }
    )
)
