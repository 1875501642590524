"""Lists of people as files: read, checked row by row, then written as orders, all of them or those that are named."""
