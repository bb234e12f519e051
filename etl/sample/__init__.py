"""The sample city: the files a city hands in, invented and marked 示例数据."""
