"""Queues and topics: brokers that push messages to consumers, and what publishes into them."""
