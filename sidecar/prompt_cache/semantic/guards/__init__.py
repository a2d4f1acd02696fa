"""What two questions must agree in, whatever their similarity: a file per guard, named in `names.py`."""
