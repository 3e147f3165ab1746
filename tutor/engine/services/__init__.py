"""The parts that do the work: clients, services and jobs, their replicas, calls and stream processing."""
