"""A second generator of census workbooks, with the mistakes of clerks planted in them.

Written from the list of mistakes in the requirements alone (structure, names, duplicates, areas,
headcounts, certificates, owners, coordinates, keys, vacancy) and sharing nothing with the sample
city: its own rows, layouts and mistakes. All persons and bodies are invented (示例数据).
"""
