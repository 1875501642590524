"""Events owns shows: series, the dated event, its halls, sale periods and policies, and the public pages of a show."""
