"""The register of loads: which file brought which change. Reading files is the business of etl."""
