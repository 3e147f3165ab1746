"""Queues and topics: brokers that push messages to consumers, and the wires that publish into them."""
