"""The bring and buy desk: people bring priced things, the desk sells them, keeps a share and pays out the rest."""
