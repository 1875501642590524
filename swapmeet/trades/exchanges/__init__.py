"""Exchanges: everybody brings so many pieces alike and gets as many different ones, drawn by lot; nobody gets their own."""
