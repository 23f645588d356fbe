"""The first version. Fields may be added; none changes its meaning or goes away. Errors are RFC 9457 documents."""
