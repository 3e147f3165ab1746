"""Simulates a design under traffic and faults: a pure function of a scenario and a seed."""

from tutor.engine.simulate import Simulation, simulate

__all__ = ["Simulation", "simulate"]
