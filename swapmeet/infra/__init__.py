"""The shared base below the features: database, the one door for writes, clock, codes, jobs, mail, files, audit."""
