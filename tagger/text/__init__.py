"""What every later room needs to know of a text: its typography, its language, its sentences."""
