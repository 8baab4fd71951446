"""The Model Context Protocol (MCP): a library as tools and resources for the assistants of others."""
